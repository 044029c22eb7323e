/** The errors of the client: each is a {@link HoldfastError} with a stable `code`. */

/** A problem of the API (RFC 9457), as far as it is known. */
interface Problem {
  status?: number;
  code?: string;
  detail?: string;
  requestId?: string | undefined;
  errors?: readonly { field: string; message: string }[];
  current?: unknown;
}

interface More {
  retryAfterMs?: number | undefined;
  etag?: string | null | undefined;
  cause?: unknown;
}

/** A refusal or a fault of the API, or an answer that did not arrive. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';
  /** The status of the answer; 0 if no answer arrived. */
  readonly status: number;
  /**
   * The code of the problem, such as `VALIDATION_FAILED`. `NETWORK`: no answer arrived. `TIMEOUT`: no answer arrived in
   * time. `HTTP_502` and the like: the answer came from a proxy and not from the API.
   */
  readonly code: string;
  /** The fields that are wrong, each with its first message. */
  readonly fields: Readonly<Record<string, string>>;
  /** The id under which the log of the service has more. */
  readonly requestId: string | undefined;
  /** The time after which to try again, in ms. */
  readonly retryAfterMs: number | undefined;
  /** After `PRECONDITION_FAILED`: the resource as it is now, which `ifMatch` accepts; null if it does not exist. */
  readonly current: unknown;
  /** The ETag of `current`. */
  readonly etag: string | null;
  /** The operation, such as `deals.update`. */
  readonly operation: string;

  constructor(operation: string, problem: Problem, more: More = {}) {
    const { status = 0, code = `HTTP_${status}`, detail = code, requestId, errors = [], current } = problem;
    super(`${operation}: ${detail}`, more);
    this.status = status;
    this.code = code;
    this.fields = Object.fromEntries(errors.map(({ field, message }) => [field, message]).reverse());
    this.requestId = requestId;
    this.retryAfterMs = more.retryAfterMs;
    this.current = current;
    this.etag = more.etag ?? null;
    this.operation = operation;
  }
}

/** Returns the error of an answer. `now` is the time in ms, for a `Retry-After` that is a date. */
export function errorOf(operation: string, { status, headers }: Response, text: string, now: number): HoldfastError {
  return new HoldfastError(
    operation,
    { ...problemIn(text), status, requestId: headers.get('x-request-id') ?? undefined },
    { retryAfterMs: retryAfterIn(headers, now), etag: headers.get('etag') },
  );
}

function problemIn(text: string): Problem {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    // A proxy answered with a page.
    return {};
  }
}

/** Reads `Retry-After` (RFC 9110, section 10.2.3), which is in seconds or a date, as ms from now. */
function retryAfterIn(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
