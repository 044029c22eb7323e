/**
 * The ports of the parts. Only an attempt to bind a port shows reliably whether the port is free, so there is no check
 * before. A part tries its port; if the port is in use, it tries the next port, and reports which port it uses instead.
 */

import { SDK_DEV } from '../qstash/sdk-dev-mode.ts';
import { LocalCloudError, type Part } from './errors.ts';

/** The preferred ports of `npm run cloud`. */
export const DEFAULT_PORTS = {
  redisRest: 8079,
  redis: 6379,
  postgres: 5432,
  qstash: SDK_DEV.port,
  mail: 8025,
  s3: 9000,
} as const;

/** The preferred port of the Worker in `npm run dev`. */
export const DEFAULT_WORKER_PORT = 8787;

/**
 * Reads the option `--port`.
 * @throws {Error} for a text that is not a port; 0 lets the operating system choose.
 */
export function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new Error(`--port ${text} is not a port`);
}

const ATTEMPTS = 50;

/** Options of {@link listenOnFreePort}. */
export interface FreePortOptions {
  /** The first port to try; 0 lets the operating system choose. */
  port: number;
  /** The preferred ports of other parts, which this part skips. */
  reserved?: ReadonlySet<number>;
  /** Receives a line of text if the part uses another port. */
  log?: (line: string) => void;
  /** Returns a hint to add to that line, for the port used instead. */
  hint?: (port: number) => string;
}

/**
 * Starts a part on its port, or on the next free port.
 *
 * @param listen binds the given port and rejects with the code `EADDRINUSE` if the port is taken
 * @throws LocalCloudError `no_free_port` if the port and the 49 ports after it are taken
 * @example
 * const mail = await listenOnFreePort('mail', { port: 8025 }, (port) => startMail({ port, token }));
 */
export async function listenOnFreePort<T>(
  part: Part,
  options: FreePortOptions,
  listen: (port: number) => Promise<T>,
): Promise<T> {
  const wanted = options.port;
  for (let port = wanted; port < Math.min(wanted + ATTEMPTS, 65_536); port++) {
    if (port !== wanted && options.reserved?.has(port)) continue;
    try {
      const started = await listen(port);
      const hint = options.hint === undefined ? '' : `; ${options.hint(port)}`;
      if (port !== wanted) options.log?.(`${part}: port ${wanted} is taken, using ${port} instead${hint}`);
      return started;
    } catch (error) {
      if (!isAddressInUse(error)) throw error;
    }
  }
  throw new LocalCloudError('no_free_port', part, `port ${wanted} and the ${ATTEMPTS - 1} after it are taken`);
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
