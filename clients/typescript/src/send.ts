/** One call of an operation: its attempts, their limits of time, and the waits between them. */
import type { Credentials } from './credentials.ts';
import { errorOf, HoldfastError } from './errors.ts';
import { type Parts, pause } from './parts.ts';
import type { Route } from './routes.ts';

/** The first wait without a `Retry-After`, in ms. It doubles with each attempt. */
const FIRST_WAIT_MS = 250;

/** How a client sends. */
export interface Sender {
  fetch: typeof fetch;
  credentials: Credentials;
  parts: Parts;
  /** The options of each request, such as `credentials: 'include'`. */
  init: RequestInit;
  /** The number of attempts after the first one. */
  retries: number;
  /** The longest wait before another attempt, in ms. If the API asks for more, the call fails at once. */
  longestWaitMs: number;
  /** The time of one attempt, in ms. */
  timeoutMs: number;
}

/** A request that may be sent several times. */
export interface Outgoing {
  route: Route;
  url: string;
  headers: Record<string, string>;
  body?: BodyInit | undefined;
  /** Whether the request does no harm if the API performs it twice, or has an idempotency key. */
  isRepeatable: boolean;
  signal?: AbortSignal | undefined;
  /** False for a stream, whose body has no end. */
  readsText?: boolean;
}

/** An answer, with its body. */
export interface Arrived {
  response: Response;
  text: string;
}

/**
 * Sends until an answer below 400 arrives. A request that the API may have performed is sent again only if it is
 * repeatable. A 429 was never performed. A 401 renews the credentials once.
 * @throws {HoldfastError} for the last refusal or fault
 * @throws the reason of the signal, after an abort
 */
export async function send(sender: Sender, outgoing: Outgoing): Promise<Arrived> {
  const { credentials, parts, retries, longestWaitMs } = sender;
  const { signal } = outgoing;
  let hasRenewed = false;
  for (let attempt = 0; ; attempt += 1) {
    const authorization = credentials.header();
    const outcome = await once(sender, outgoing, authorization).catch((error: unknown) => failed(error, outgoing));
    if (!(outcome instanceof HoldfastError)) return outcome;
    if (outcome.status === 401 && authorization !== undefined && !hasRenewed) {
      hasRenewed = true;
      if (await credentials.renew(authorization)) continue;
    }
    // Full jitter: callers that failed together do not come back together.
    const wait = outcome.retryAfterMs ?? parts.random() * FIRST_WAIT_MS * 2 ** attempt;
    if (attempt >= retries || !mayRepeat(outcome, outgoing) || wait > longestWaitMs) throw outcome;
    await pause(parts, wait, signal);
    signal?.throwIfAborted();
  }
}

function mayRepeat({ status, code }: HoldfastError, { isRepeatable }: Outgoing): boolean {
  if (status === 429 || code === 'IDEMPOTENT_CALL_RUNNING') return true;
  return isRepeatable && [0, 502, 503, 504].includes(status);
}

/** @throws {HoldfastError} for an answer from 400 upwards */
async function once(sender: Sender, outgoing: Outgoing, authorization: string | undefined): Promise<Arrived> {
  const { parts, init, timeoutMs } = sender;
  const { route, url, headers, body, signal, readsText = true } = outgoing;
  const limit = new AbortController();
  const timer = parts.setTimeout(() => limit.abort(new HoldfastError(route.id, { code: 'TIMEOUT' })), timeoutMs);
  try {
    const response = await sender.fetch(url, {
      ...init,
      method: route.method,
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      ...(body !== undefined && { body }),
      signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    });
    const isRefusal = response.status >= 400;
    const text = readsText || isRefusal ? await response.text() : '';
    if (isRefusal) throw errorOf(route.id, response, text, parts.now());
    return { response, text };
  } finally {
    parts.clearTimeout(timer);
  }
}

/** Returns the error of an attempt; an abort by the caller is thrown on. */
function failed(error: unknown, { route, signal }: Outgoing): HoldfastError {
  signal?.throwIfAborted();
  return error instanceof HoldfastError
    ? error
    : new HoldfastError(route.id, { code: 'NETWORK', detail: 'no answer arrived' }, { cause: error });
}
