/**
 * Brings a database to the current schema and puts the demo data in, if it lacks them, in a process of its own: the schema
 * engine, Prisma and the demo data need some 250 MB, which are given back only by a process that ends.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Demo, demoOf, setUpDatabase } from '../prisma/setup.ts';
import { messageOf } from './errors.ts';
import type { EmbeddedPostgres } from './postgres.ts';

/** What the process is to do. */
interface Task {
  connectionString: string;
  seed: boolean;
  seedTime: string;
}

/** What the process says. */
type Message = { progress: string } | { done: Demo } | { failed: string };

type Log = (line: string) => void;

/**
 * Gives a database that was made just now the current schema, and keeps it for the next one (see `PostgresOptions.schema`). Does
 * nothing if it came with the schema, or with data.
 */
export async function giveSchema({ url, keep }: EmbeddedPostgres, log: Log): Promise<void> {
  if (keep === undefined) return;
  await setUpElsewhere({ connectionString: url, seed: false }, log);
  await keep();
}

/**
 * Makes a database ready for the application.
 *
 * @param log is told what was done, in a few words
 * @param seedTime when the work in the demo data ends, default now
 * @throws an error with the message of what went wrong in it
 */
export async function setUp(connectionString: string, log: Log, seedTime?: Date): Promise<Demo> {
  const demo = await demoOf(connectionString);
  if (demo) log('no migrations to apply');
  return demo ?? setUpElsewhere({ connectionString, seed: true }, log, seedTime);
}

/** Starts the process. */
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

if (import.meta.main) {
  const say = (message: Message): void => void process.send?.(message);
  process.once('message', ({ connectionString, seed, seedTime }: Task) => {
    const log = (progress: string): void => say({ progress });
    setUpDatabase({ connectionString, seed, now: new Date(seedTime), log }).then(
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
