/**
 * Brings a database to the current schema and puts the demo data in, in a process of its own: the schema engine, Prisma and
 * the demo data need some 250 MB, which are given back only by a process that ends.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Demo } from '../prisma/setup.ts';
import { messageOf } from './errors.ts';

/** What the process is to do. */
interface Task {
  connectionString: string;
  seedTime: string;
}

/** What the process says. */
type Message = { progress: string } | { done: Demo } | { failed: string };

/**
 * Starts the process.
 *
 * @param seedTime when the work in the demo data ends, default now
 * @param log is told what was done, in a few words
 * @throws an error with the message of what went wrong in it
 */
export async function setUpElsewhere(
  connectionString: string,
  log: (line: string) => void,
  seedTime = new Date(),
): Promise<Demo> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send({ connectionString, seedTime: seedTime.toISOString() } satisfies Task);
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
  const { setUpDatabase } = await import('../prisma/setup.ts');
  process.once('message', ({ connectionString, seedTime }: Task) => {
    const log = (progress: string): void => say({ progress });
    setUpDatabase({ connectionString, seed: true, now: new Date(seedTime), log }).then(
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
