/**
 * Where a part listens. Binding is the only honest test of a free port, so nothing is probed beforehand:
 * a part tries its port, and on "address in use" the next one, and says so.
 */
import { LocalCloudError, type Part } from './errors.ts';
import { SDK_DEV } from './qstash/sdk-dev-mode.ts';

/** The ports of `npm run cloud` when they are free. */
export const DEFAULT_PORTS = {
  redisRest: 8079,
  redis: 6379,
  postgres: 5432,
  qstash: SDK_DEV.port,
  mail: 8025,
} as const;

/** The port of the Worker in `npm run dev` when it is free. */
export const DEFAULT_WORKER_PORT = 8787;

const ATTEMPTS = 50;

/** Options of {@link listenOnFreePort}. */
export interface FreePortOptions {
  /** The first port to try; 0 lets the operating system choose. */
  port: number;
  /** Ports to pass over, because another part wants them. */
  reserved?: ReadonlySet<number>;
  /** Told in plain words when the part moved. */
  log?: (line: string) => void;
  /** What else is worth saying in that line, from the port that was taken instead. */
  hint?: (port: number) => string;
}

/**
 * Starts a part on its port, or on the next free one.
 *
 * @param listen binds the given port and rejects with the code `EADDRINUSE` when it is taken
 * @throws LocalCloudError `no_free_port` when the next 50 ports are taken too
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
