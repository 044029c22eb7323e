/**
 * Runs a server in a child process, so that the server's CPU does not count as the client's CPU, with a channel for
 * questions and answers. The child sends `{ ready }` once; later messages have an id, and each question gets one
 * answer.
 */
import { type ChildProcess, fork } from 'node:child_process';

/** A running child process. */
export interface Child<Ready> {
  ready: Ready;
  ask<Answer>(question: string): Promise<Answer>;
  close(): Promise<void>;
  /** Kills the child at once, like a crash: the child cannot send further messages. */
  kill(): Promise<void>;
}

interface Message {
  ready?: unknown;
  failed?: string;
  id?: number;
  answer?: unknown;
}

/** Starts `module` with one argument, and waits until it is ready. */
export async function startChild<Ready>(module: URL, argument: unknown): Promise<Child<Ready>> {
  const child: ChildProcess = fork(module, [JSON.stringify(argument)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (answer: unknown) => void>();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.failed !== undefined) reject(new Error(message.failed));
      else if (message.id === undefined) resolve(message.ready as Ready);
      else {
        waiting.get(message.id)?.(message.answer);
        waiting.delete(message.id);
      }
    });
    child.once('exit', (code) => reject(new Error(`a server of the benchmark ended with code ${code}`)));
  });
  let asked = 0;
  return {
    ready,
    ask: <Answer>(question: string) =>
      new Promise<Answer>((resolve) => {
        asked += 1;
        waiting.set(asked, resolve as (answer: unknown) => void);
        child.send({ id: asked, question });
      }),
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Runs the child's side: starts with the argument, answers questions, and ends when the parent exits. */
export async function serveParent<Argument>(
  start: (
    argument: Argument,
  ) => Promise<{ ready: unknown; answer?(question: string): unknown; close(): Promise<void> }>,
): Promise<void> {
  const argument = JSON.parse(process.argv[2] ?? '{}') as Argument;
  try {
    const server = await start(argument);
    process.on('message', async ({ id, question }: { id: number; question: string }) => {
      process.send?.({ id, answer: await server.answer?.(question) });
    });
    process.once('disconnect', () => {
      void server.close().finally(() => process.exit());
    });
    process.send?.({ ready: server.ready });
  } catch (error) {
    process.send?.({ failed: error instanceof Error ? error.message : String(error) });
    process.disconnect();
  }
}
