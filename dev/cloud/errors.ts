/**
 * The errors of the local cloud. Each error names the part that failed: "port taken" or "connection refused" alone
 * would not tell a developer which part it was.
 */

/** The parts of the local cloud, by the names used in ports, messages and errors. */
export type Part = 'redis' | 'redisRest' | 'postgres' | 'database' | 'qstash' | 'mail' | 's3' | 'worker';

/** The reason why the local cloud could not start, or stopped. */
export type LocalCloudErrorCode = 'part_failed' | 'part_crashed' | 'no_free_port' | 'not_ready';

/** The error of every function in `dev/` that starts a part; `code` is stable, `part` names the failed part. */
export class LocalCloudError extends Error {
  readonly code: LocalCloudErrorCode;
  readonly part: Part;

  constructor(code: LocalCloudErrorCode, part: Part, message: string, options?: ErrorOptions) {
    super(`${part}: ${message}`, options);
    this.name = 'LocalCloudError';
    this.code = code;
    this.part = part;
  }
}

/**
 * Returns the message of any thrown value. An AggregateError may have an empty message, for example after a refused
 * connection to `localhost`; then the messages of its errors are returned.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
