/**
 * Requests, responses, and the route table. The destination of a message is part of the path and must stay undecoded.
 * So the last part of a pattern may be `*`, which matches the unchanged rest of the target, including the query.
 */
import type { Emulator } from '../emulator.ts';
import { RequestError } from '../request-error.ts';

/** An authenticated, parsed request. */
export interface ApiRequest {
  method: string;
  /** The raw request target. */
  target: string;
  query: URLSearchParams;
  /** The headers, with lower-case names and without the emulator's token. */
  headers: Record<string, string>;
  body: Buffer;
  callerIp: string;
}

/** The response to a request. */
export interface ApiAnswer {
  /** The HTTP status; 0 closes the connection. */
  status: number;
  /** The body, which is sent as JSON. */
  body?: unknown;
  /** The HTML page, which is sent instead of a body. */
  html?: string;
  headers?: Record<string, string>;
}

/** Answers a request. The parameters are the values of `:name` and `*` in the path, in their order. */
export type Handler = (
  emulator: Emulator,
  request: ApiRequest,
  ...parameters: [string, string]
) => ApiAnswer | Promise<ApiAnswer>;

/** One route of the table. */
export interface Route {
  method: string;
  /** The parts of the path; `:name` matches one part, and `*` at the end matches the raw rest. */
  parts: string[];
  handle: Handler;
}

/** Creates a route of the table, e.g. `route('GET', '/v2/queues/:name', getQueue)`. */
export function route(method: string, pattern: string, handle: Handler): Route {
  return { method, parts: pattern.split('/').slice(1), handle };
}

/** Answers with the first route that matches; returns `undefined` if no route matches. */
export function answer(
  routes: readonly Route[],
  emulator: Emulator,
  request: ApiRequest,
): ApiAnswer | Promise<ApiAnswer> | undefined {
  for (const { method, parts, handle } of routes) {
    if (method !== request.method) continue;
    const parameters = match(parts, request.target);
    if (parameters !== undefined) return handle(emulator, request, parameters[0] ?? '', parameters[1] ?? '');
  }
  return undefined;
}

function match(parts: readonly string[], target: string): string[] | undefined {
  const [path = ''] = target.split('?', 1);
  const isRaw = parts.at(-1) === '*';
  const given = (isRaw ? target : path.replace(/\/$/, '')).split('/').slice(1);
  if (isRaw ? given.length < parts.length : given.length !== parts.length) return undefined;
  const parameters: string[] = [];
  for (const [at, part] of parts.entries()) {
    const value = given[at] ?? '';
    if (part === '*') parameters.push(given.slice(at).join('/'));
    else if (part.startsWith(':')) parameters.push(decode(value));
    else if (part !== value) return undefined;
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RequestError(400, `invalid percent-encoding: ${text}`);
  }
}

/**
 * Reads a JSON body.
 *
 * @throws RequestError if the body is not JSON
 */
export function readJson(request: ApiRequest): unknown {
  try {
    return JSON.parse(request.body.toString());
  } catch {
    throw new RequestError(400, 'expected a JSON body');
  }
}

/** Creates the response to a successful request. */
export function ok(body: unknown = {}, status = 200): ApiAnswer {
  return { status, body };
}

/** Throws the error that refuses a request with 404. */
export function notFound(what: string): never {
  throw new RequestError(404, `${what} not found`);
}
