/**
 * Answers every error with problem+json (RFC 9457). After a mistake of the caller, the answer names the wrong field.
 * After a fault of the service, the answer shows only the request id, and the log has the details under that id. On a
 * developer's machine, the answer also has the error's message.
 */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { CacheBusyError, type ErrorSummary, SharedLoadError } from '../cache/index.ts';
import { retryAfter } from '../duration.ts';
import { summaryOf } from '../error-report.ts';
import { EventError } from '../events/index.ts';
import { CommitRefusedError, CommitUnsettledError, IdempotentCallError } from '../outbox/index.ts';
import { ReadLogError } from '../read-log/index.ts';
import { RedisError } from '../redis/index.ts';
import { SessionError } from '../sessions/index.ts';
import { type DatabaseError, toDatabaseError } from '../sql/index.ts';
import type { AppEnv } from './scope.ts';

/** A wrong field, and the reason. */
export interface FieldProblem {
  /** The path of the field, such as `value` or `address.city`, or the name of a query parameter or path parameter. */
  field: string;
  message: string;
}

const TITLES: Partial<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Temporarily unavailable',
};

/** The parts of a problem other than status, code and detail. */
export interface ProblemDetails {
  fields?: readonly FieldProblem[];
  headers?: Readonly<Record<string, string>>;
  /** The URI of the problem's type. Default: `about:blank`. */
  type?: string;
  /** Members that only this type of problem has. */
  members?: Readonly<Record<string, unknown>>;
}

/** An error that is answered as a problem. Code anywhere below the app may throw it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: ContentfulStatusCode;
  /** The stable code for programs: `NOT_FOUND`, `VALIDATION_FAILED`, … */
  readonly code: string;
  readonly fields: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;
  readonly type: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: ContentfulStatusCode, code: string, detail: string, more: ProblemDetails = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.fields = more.fields ?? [];
    this.headers = more.headers ?? {};
    this.type = more.type ?? 'about:blank';
    this.members = more.members ?? {};
  }
}

/**
 * Returns the problem of a resource that does not exist or belongs to another tenant. The caller cannot tell the two
 * cases apart.
 */
export function notFound(what: string): ProblemError {
  return new ProblemError(404, 'NOT_FOUND', `The ${what} does not exist`);
}

/** Returns the problem that answers a thrown error. If the fault is in the service, logs the error with its cause. */
export function problemOf(error: Error, c: Context<AppEnv>): ProblemError {
  const problem = toProblem(error);
  const scope = c.get('scope');
  if (problem.status < 500 || !scope) return problem;
  const isShown = scope.environment.ERROR_MESSAGES === 'shown';
  scope.log.error('request.failed', { error: isShown ? error : (toDatabaseError(error) ?? error) });
  const isTold = isShown && problem.code === INTERNAL;
  return isTold ? new ProblemError(problem.status, problem.code, summaryOf(error, 'shown')) : problem;
}

/** Turns a thrown error into a JSON answer: the handler of `app.onError`. */
export function answerError(error: Error, c: Context<AppEnv>): Response {
  const problem = problemOf(error, c);
  const scope = c.get('scope');
  const body = {
    type: problem.type,
    title: TITLES[problem.status] ?? 'Error',
    ...problem.members,
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    instance: c.req.path,
    requestId: scope?.requestId,
    ...(problem.fields.length > 0 ? { errors: problem.fields } : {}),
  };
  return c.json(body, problem.status, { ...problem.headers, 'content-type': 'application/problem+json' });
}

/** Returns the answer for a path without a route: the handler of `app.notFound`. */
export function answerNotFound(c: Context<AppEnv>): Response {
  return answerError(new ProblemError(404, 'NO_SUCH_ROUTE', 'There is no route for this path'), c);
}

/** Returns the status and code with which an error is answered: the parts that may cross isolates. */
export function summaryOfError(error: unknown): ErrorSummary {
  return toProblem(error instanceof Error ? error : new Error());
}

function toProblem(error: Error): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof SharedLoadError) return fromSharedLoadError(error);
  if (error instanceof CacheBusyError) {
    return new ProblemError(503, error.code, 'Another request is still loading this; try again', {
      headers: retryAfter(error.retryAfterMs),
    });
  }
  if (error instanceof HTTPException) return fromHttpException(error);
  if (error instanceof CommitRefusedError) {
    return new ProblemError(503, error.code, 'The write was not made, because the cache could not be notified', {
      headers: retryAfter(1_000),
    });
  }
  if (error instanceof IdempotentCallError) return fromIdempotentCallError(error);
  if (error instanceof EventError && error.code === 'EVENT_CONFLICT') {
    return new ProblemError(409, error.code, 'Another write came first; read again and repeat the change');
  }
  if (error instanceof CommitUnsettledError) {
    return new ProblemError(
      503,
      error.code,
      'The write was made, but reads may return older cached values for a while',
      {
        headers: retryAfter(1_000),
      },
    );
  }
  // A cached read uses the database if Redis fails, so this error comes from a request that needs Redis itself.
  if (error instanceof RedisError) {
    if (error.code === 'REDIS_NOPERM') {
      return new ProblemError(503, error.code, 'The service may not do this in Redis; nothing was changed there', {
        headers: retryAfter(60_000),
      });
    }
    return new ProblemError(503, 'CACHE_UNAVAILABLE', 'Redis did not confirm the operation; it may have happened', {
      headers: retryAfter(2_000),
    });
  }
  if (error instanceof SessionError) return fromSessionError(error);
  if (error instanceof ReadLogError) {
    const seconds = error.code === 'READ_LOG_FULL' ? 60 : 2;
    return new ProblemError(503, error.code, error.message, { headers: retryAfter(seconds * 1_000) });
  }
  const databaseError = toDatabaseError(error);
  return databaseError ? fromDatabaseError(databaseError) : internal();
}

/** The problem of a load that failed in another request, as far as that request's error crossed isolates. */
function fromSharedLoadError({ status, code }: SharedLoadError): ProblemError {
  const detail = status === 404 ? 'The resource does not exist' : 'Loading this failed in another request';
  return new ProblemError(status as ContentfulStatusCode, code, detail, {
    headers: status === 503 ? retryAfter(2_000) : {},
  });
}

function fromSessionError(error: SessionError): ProblemError {
  if (error.code === 'SESSION_NOT_FRESH') return new ProblemError(403, error.code, error.message);
  if (error.code === 'SESSION_REFUSED') {
    return new ProblemError(503, error.code, 'Sessions cannot be changed right now; nothing was changed', {
      headers: retryAfter(5_000),
    });
  }
  if (error.code === 'SESSION_SEAL_KEYS') return new ProblemError(503, error.code, error.message);
  if (error.code !== 'SESSION_UNAVAILABLE') return internal();
  return new ProblemError(503, error.code, 'Sessions cannot be verified or changed right now; try again', {
    headers: retryAfter(2_000),
  });
}

function fromIdempotentCallError({ code }: IdempotentCallError): ProblemError {
  if (code === 'CALL_MISMATCH') {
    return new ProblemError(422, 'IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used for another request', {
      fields: [{ field: 'idempotency-key', message: 'was used with another method, path or body' }],
    });
  }
  const detail = 'The first request with this key succeeded, but its answer can no longer be read';
  return new ProblemError(409, 'ANSWER_NOT_REPEATED', detail);
}

/** The code of an error that this file does not know. */
const INTERNAL = 'INTERNAL';

function internal(): ProblemError {
  return new ProblemError(500, INTERNAL, 'Something went wrong on our side');
}

/** Turns Hono's refusals into problems: a body that is not JSON, a wrong media type, a body that is too large. */
function fromHttpException(error: HTTPException): ProblemError {
  if (error.status === 400) {
    const fields = [{ field: 'body', message: 'is not valid JSON' }];
    return new ProblemError(400, 'MALFORMED_BODY', 'The request body could not be read', { fields });
  }
  if (error.status === 415) {
    const fields = [{ field: 'content-type', message: 'must be application/json' }];
    return new ProblemError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The request body must be JSON', { fields });
  }
  if (error.status === 401) return new ProblemError(401, 'NOT_AUTHENTICATED', error.message);
  if (error.status === 413) return new ProblemError(413, 'BODY_TOO_LARGE', 'The request body is too large');
  return new ProblemError(error.status as ContentfulStatusCode, 'HTTP_ERROR', TITLES[error.status] ?? 'Error');
}

function fromDatabaseError(error: DatabaseError): ProblemError {
  const named = (message: string) => error.fields.map((field) => ({ field, message }));
  switch (error.code) {
    case 'DB_NOT_FOUND':
      return new ProblemError(404, 'NOT_FOUND', 'The row does not exist');
    case 'DB_UNIQUE':
      return new ProblemError(409, 'ALREADY_EXISTS', 'A row with these values already exists', {
        fields: named('is taken'),
      });
    case 'DB_FOREIGN_KEY':
      return error.inUse
        ? new ProblemError(409, 'IN_USE', 'Other rows still refer to this row', {
            fields: named('is still referred to'),
          })
        : new ProblemError(409, 'NO_SUCH_REFERENCE', 'The request refers to a row that does not exist', {
            fields: named('does not exist'),
          });
    case 'DB_CONFLICT':
      return new ProblemError(409, 'CONFLICT', 'A concurrent change caused a conflict; try again');
    case 'DB_UNAVAILABLE':
      return new ProblemError(503, 'DATABASE_UNAVAILABLE', 'The database did not answer', {
        headers: retryAfter(2_000),
      });
    default:
      return internal();
  }
}
