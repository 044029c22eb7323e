/** A client whose network, clock, timers and randomness the test holds. */
import { createHoldfast, type HoldfastOptions } from '../../../clients/typescript/src/index.ts';

/** A request that the client sent. */
export interface Sent {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
  signal: AbortSignal | undefined;
}

/** Answers a request: with a response, with the error of a network, or not at all. */
export type Answer = Response | Error | 'silence' | ((sent: Sent) => Response | Promise<Response>);

/** Timers from this length on guard against silence. They end only if the test says so. */
const GUARD_MS = 40_000;

/** The client's clock. */
export const NOW = Date.UTC(2026, 10, 30, 12);

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** A refusal as the API sends it. */
export function problem(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  more: object = {},
): Response {
  return json(status, { status, code, detail: `${code} it is`, ...more }, { 'x-request-id': 'request-1', ...headers });
}

/** Creates the client. The answers are used in their order; a request without one fails the test. */
export function stage(answers: Answer[], options: HoldfastOptions = {}) {
  const sent: Sent[] = [];
  /** The waits of the client so far, in ms. */
  const waits: number[] = [];
  const guards = new Map<object, { ms: number; run: () => void }>();
  let ids = 0;

  const fetch: typeof globalThis.fetch = async (url, init = {}) => {
    const { method = 'GET', body, signal } = init;
    const { pathname, search } = new URL(String(url));
    const request = {
      ...{ method, path: pathname + search, headers: new Headers(init.headers) },
      body: typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : body,
      signal: signal ?? undefined,
    };
    sent.push(request);
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`No answer for ${method} ${pathname}`);
    if (answer instanceof Error) throw answer;
    signal?.throwIfAborted();
    if (answer === 'silence') {
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    }
    return typeof answer === 'function' ? answer(request) : answer;
  };

  const api = createHoldfast({
    baseUrl: 'https://api.example.com',
    fetch,
    timeoutMs: GUARD_MS,
    ...options,
    parts: {
      now: () => NOW,
      random: () => 0.5,
      id: () => {
        ids += 1;
        return `key-${ids}`;
      },
      setTimeout(run, ms) {
        const timer = {};
        if (ms >= GUARD_MS) guards.set(timer, { ms, run });
        else {
          waits.push(ms);
          setImmediate(run);
        }
        return timer;
      },
      clearTimeout: (timer) => guards.delete(timer as object),
      ...options.parts,
    },
  });
  return {
    api,
    sent,
    waits,
    /** The lengths of the guards that have not been taken down, in ms. */
    guards: () => [...guards.values()].map(({ ms }) => ms),
    /** Lets the time of the present guards pass. */
    passGuards(): void {
      const all = [...guards.values()];
      guards.clear();
      for (const { run } of all) run();
    },
  };
}
