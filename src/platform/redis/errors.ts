/**
 * The one error class of this room. A message may name a command (`GET`) but never its arguments: keys, tokens and
 * session bodies travel as arguments, and error messages end up in logs.
 */

/**
 * - `REDIS_TIMEOUT`: no answer within the time limit; the command may or may not have run.
 * - `REDIS_UNAVAILABLE`: the connection failed or the server answered 5xx or nonsense; the command may have run.
 * - `REDIS_BREAKER_OPEN`: the command was not sent, because Redis failed repeatedly a moment ago.
 * - `REDIS_UNAUTHORIZED`: the server refused our token.
 * - `REDIS_REJECTED`: the server refused the request as a whole (another 4xx, such as a body that is too large).
 * - `REDIS_NOPERM`: our user of Redis may not send this command, or not on these keys; the command did not run.
 * - `REDIS_COMMAND`: the server ran the request, and this command failed (`WRONGTYPE`, `NOSCRIPT`, …).
 * - `REDIS_REPLY`: the reply to a command has a shape that the command does not return; the command may have run.
 * - `REDIS_KEY`: a key could not be built.
 */
export type RedisErrorCode =
  | 'REDIS_TIMEOUT'
  | 'REDIS_UNAVAILABLE'
  | 'REDIS_BREAKER_OPEN'
  | 'REDIS_UNAUTHORIZED'
  | 'REDIS_REJECTED'
  | 'REDIS_NOPERM'
  | 'REDIS_COMMAND'
  | 'REDIS_REPLY'
  | 'REDIS_KEY';

/** A failure of Redis, or of the connection to Redis. The error never contains arguments. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
  readonly code: RedisErrorCode;
  /** The command's name in upper case, when the error belongs to one command. */
  readonly command: string | undefined;
  /** The server's own error prefix, such as `WRONGTYPE` or `NOSCRIPT`. */
  readonly reply: string | undefined;

  constructor(code: RedisErrorCode, message: string, details: { command?: string; reply?: string } = {}) {
    super(message);
    this.code = code;
    this.command = details.command;
    this.reply = details.reply;
  }
}

/**
 * Returns whether Redis refused a command: Redis is full or read-only, a permission is missing, or the plan is used up.
 * After a refusal Redis still answers reads, and would serve data that the refused command should have removed.
 */
export function isRefusal(error: unknown): error is RedisError {
  return error instanceof RedisError && REFUSALS.includes(error.code);
}

const REFUSALS: readonly RedisErrorCode[] = ['REDIS_NOPERM', 'REDIS_COMMAND', 'REDIS_REJECTED', 'REDIS_UNAUTHORIZED'];

/** The replies to a script that lacks a permission for a command or a key. Redis gives these replies no code of their own. */
const NO_PERMISSION_IN_SCRIPT = /^(ERR )?(The user executing the script can't (run|access)|ACL failure in script)/;

/**
 * Turns a server's error reply into a {@link RedisError}. Keeps only the prefix, because the rest of a reply may
 * quote arguments (`ERR unknown command 'x', with args beginning with: …`).
 */
export function commandError(command: string, reply: string): RedisError {
  const prefix = NO_PERMISSION_IN_SCRIPT.test(reply)
    ? 'NOPERM'
    : (/^[A-Z][A-Z0-9_]*(?=\s|$)/.exec(reply)?.[0] ?? 'ERR');
  const code = prefix === 'NOPERM' ? 'REDIS_NOPERM' : 'REDIS_COMMAND';
  return new RedisError(code, `Redis answered ${prefix} to ${command}`, { command, reply: prefix });
}

/** Returns the error of a failed request: the error itself, or the error for an abort or a broken connection. */
export function asRedisError(error: unknown): RedisError {
  if (error instanceof RedisError) return error;
  const aborted = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return aborted
    ? new RedisError('REDIS_TIMEOUT', 'Redis did not answer within the time limit')
    : new RedisError('REDIS_UNAVAILABLE', 'Redis could not be reached');
}
