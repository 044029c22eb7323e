/** The options of a client. */
import type { CredentialOptions } from './credentials.ts';
import type { Parts } from './parts.ts';

/** The options. A page of the API's own origin needs none. */
export interface HoldfastOptions extends CredentialOptions {
  /** The address of the API, such as `https://api.example.com`. Default: the origin of the page. */
  baseUrl?: string | undefined;
  /** Sends the requests. Default: the `fetch` of the platform. */
  fetch?: typeof fetch | undefined;
  /** Options of each request. A page of another origin that signs in with cookies gives `{ credentials: 'include' }`. */
  init?: RequestInit | undefined;
  /** Returns headers of each request, such as `traceparent`. */
  headers?: (() => Record<string, string>) | undefined;
  /** The number of attempts after the first one. Default: 3. */
  retries?: number | undefined;
  /** The longest wait before another attempt, in ms. If the API asks for more, the call fails. Default: 30,000. */
  longestWaitMs?: number | undefined;
  /** The time of one attempt, in ms. Default: 30,000. */
  timeoutMs?: number | undefined;
  /** The number of answers that are remembered with their ETags. 0 turns the memory off. Default: 100. */
  remembered?: number | undefined;
  /** The clock, the random numbers, the ids and the timers, for tests. */
  parts?: Partial<Parts> | undefined;
}
