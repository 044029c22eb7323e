/** The parts of a local cloud: each starts on a port of its own, and all of them stop together. */
import { LocalCloudError, messageOf, type Part } from './errors.ts';
import { listenOnFreePort } from './ports.ts';

type Close = () => Promise<void>;

/** The parts of one local cloud. */
export interface Parts {
  /** Starts a part on its port, keeps the part's `close` for the end, and adds the name of the part to its errors. */
  start<T extends { close: Close }>(
    part: Part,
    port: number,
    listen: (port: number) => Promise<T>,
    hint?: (port: number) => string,
  ): Promise<T>;
  /** The functions that `closeAll` calls, in reverse order. */
  closers: Close[];
  /** Closes the parts once. If a part fails to close, continues with the next part. */
  closeAll: Close;
}

/** Creates the parts of a local cloud, none of which runs. No part takes a port that is reserved for another part. */
export function createParts(ports: readonly number[], log: (line: string) => void): Parts {
  const closers: Close[] = [];
  let closing: Promise<void> | undefined;
  return {
    closers,
    async start(part, port, listen, hint) {
      const reserved = new Set(ports.filter((other) => other !== port));
      const started = await named(part, listenOnFreePort(part, { port, reserved, log, ...(hint && { hint }) }, listen));
      closers.push(started.close);
      return started;
    },
    closeAll() {
      closing ??= (async () => {
        for (const close of [...closers].reverse()) await close().catch(() => {});
      })();
      return closing;
    },
  };
}

/** Adds the name of a part to the error of its start. */
export async function named<T>(part: Part, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (error instanceof LocalCloudError) throw error;
    throw new LocalCloudError('part_failed', part, messageOf(error), { cause: error });
  }
}
