/**
 * Brings a database to the current schema and inserts the demo data, if the schema or the data is missing. A child
 * process does this, because the schema engine, Prisma and the demo data need about 250 MB, which only the end of a
 * process frees.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { schemaName } from '../../prisma/ready.ts';
import { sealingWith } from '../../prisma/seed/sealing.ts';
import { type Demo, demoOf, setUpDatabase } from '../../prisma/setup.ts';
import type { EmbeddedPostgres } from '../postgres/start.ts';
import { messageOf } from './errors.ts';
import type { ApplicationDatabase } from './local-cloud.ts';
import { LOCAL_SECRETS } from './secrets.ts';

/** The task of the child process. */
interface Task {
  connectionString: string;
  seed: boolean;
  seedTime: string;
}

/** The messages of the child process to its parent. */
type Message = { progress: string } | { done: Demo } | { failed: string };

type Log = (line: string) => void;

/**
 * Gives a new database the current schema, and keeps a snapshot, from which the next new database begins (see
 * `PostgresOptions.schema`). Does nothing if the database already has the schema or data.
 */
export async function giveSchema({ url, keep }: EmbeddedPostgres, log: Log): Promise<void> {
  if (keep === undefined) return;
  await setUpElsewhere({ connectionString: url, seed: false }, log);
  await keep();
}

/**
 * Makes a database ready for the application.
 *
 * @param log receives a short text for each completed step
 * @param seedTime the time at which the activity in the demo data ends; default now
 * @throws an error with the message of the failure in the child process
 */
export async function setUp(connectionString: string, log: Log, seedTime?: Date): Promise<Demo> {
  const demo = await demoOf(connectionString);
  if (demo) log('no migrations to apply');
  return demo ?? setUpElsewhere({ connectionString, seed: true }, log, seedTime);
}

/** Starts the child process for a task, and returns its result. */
async function setUpElsewhere(task: Omit<Task, 'seedTime'>, log: Log, seedTime = new Date()): Promise<Demo> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send({ ...task, seedTime: seedTime.toISOString() } satisfies Task);
  let result: Message | undefined;
  child.on('message', (message: Message) => {
    if ('progress' in message) log(message.progress);
    else result = message;
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (result !== undefined && 'done' in result) return result.done;
  throw new Error(result !== undefined && 'failed' in result ? result.failed : `the set-up ended with code ${code}`);
}

/** The database functions of this repository's application. */
export const applicationDatabase: ApplicationDatabase = { schemaName, giveSchema, setUp };

if (import.meta.main) {
  const say = (message: Message): void => void process.send?.(message);
  process.once('message', ({ connectionString, seed, seedTime }: Task) => {
    const log = (progress: string): void => say({ progress });
    const sealing = sealingWith(LOCAL_SECRETS.sealKeys);
    setUpDatabase({ connectionString, seed, now: new Date(seedTime), sealing, log }).then(
      (done) => {
        say({ done });
        process.disconnect();
      },
      (error: unknown) => {
        say({ failed: messageOf(error) });
        process.disconnect();
      },
    );
  });
}
