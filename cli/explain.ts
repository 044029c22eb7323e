/** The exit code and the message of an error. */
import { EnvironmentError } from '../src/app/env.ts';
import { ProblemError } from '../src/platform/http/index.ts';
import { CommitRefusedError } from '../src/platform/outbox/index.ts';
import { RedisError } from '../src/platform/redis/index.ts';
import { toDatabaseError } from '../src/platform/sql/index.ts';
import { UsageError } from './usage-error.ts';

/** An error as the command line reports it. `code` is stable. */
export interface Explained {
  exitCode: 1 | 2;
  code: string;
  message: string;
}

/**
 * Explains an error: 2 for a wrong call, 1 for a failure. A message of the database is left out, because it could quote
 * values.
 */
export function explain(error: unknown): Explained {
  if (error instanceof UsageError || error instanceof EnvironmentError) {
    return { exitCode: 2, code: error.code, message: error.message };
  }
  if (error instanceof ProblemError) {
    return { exitCode: [400, 404].includes(error.status) ? 2 : 1, code: error.code, message: error.message };
  }
  if (error instanceof CommitRefusedError) {
    const message = 'Redis at UPSTASH_REDIS_REST_URL did not confirm the change; nothing was changed';
    return { exitCode: 1, code: error.code, message };
  }
  if (error instanceof RedisError) {
    return { exitCode: 1, code: error.code, message: `Redis at UPSTASH_REDIS_REST_URL: ${error.message}` };
  }
  const code = toDatabaseError(error)?.code;
  switch (code) {
    case undefined:
      return { exitCode: 1, code: codeOf(error), message: error instanceof Error ? error.message : String(error) };
    case 'DB_UNAVAILABLE':
      return { exitCode: 1, code, message: 'The database at DATABASE_URL did not answer' };
    case 'DB_UNIQUE':
      return { exitCode: 2, code, message: 'This already exists' };
    case 'DB_CONFLICT':
      return { exitCode: 1, code, message: 'A concurrent change caused a conflict; try again' };
    default:
      return {
        exitCode: 1,
        code,
        message: 'The database refused the change; is its schema current? npm run db:deploy',
      };
  }
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : 'UNEXPECTED';
}
