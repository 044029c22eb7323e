/**
 * The Worker of `npm run dev`: wrangler in a child process (`host.ts`), behind the address of the front. After a failed
 * build, wrangler waits for the next change of a file. If a process of wrangler ends, it is restarted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { appVariables } from '../cloud/app-environment.ts';
import { LocalCloudError } from '../cloud/errors.ts';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import { LOOPBACK } from '../http/server.ts';
import type { Front } from './front.ts';
import type { HostEnding, HostMessage, HostRequest } from './host.ts';

/** A running Worker. */
export interface WorkerProcess {
  /** Returns the process id of wrangler, which leads the group of its processes. A restart changes the id. */
  pid(): number | undefined;
  close(): Promise<void>;
}

/** Options of {@link startWorker}. */
export interface WorkerOptions {
  cloud: Pick<LocalCloud, 'redisRest' | 'qstash' | 'mail' | 'postgres' | 'deliveries'> &
    Partial<Pick<LocalCloud, 's3'>>;
  /** The front, whose address leads to the Worker. */
  front: Front;
  /** The configuration file of wrangler; default `wrangler.toml`. */
  config?: string | undefined;
  /** The environment of the configuration file. */
  env?: string | undefined;
  /** Runs before the first start, and after each reload of the Worker. */
  onCode?: () => Promise<void>;
  /** The time limit until the Worker runs or its build fails, in ms; default 300,000. */
  readyLimitMs?: number;
  log: (line: string) => void;
  onCrash: (error: LocalCloudError) => void;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOST = fileURLToPath(new URL('host.ts', import.meta.url));
/**
 * Matches lines that are not shown: lines about readiness probes, and lines about wrangler's own address, which users
 * should not use.
 */
const NOT_WORTH_A_LINE = /^\[wrangler:info\] (?:GET \/health 200|Ready on )/;
const REMEMBERED_LINES = 20;

/** A process of wrangler. */
interface Host {
  pid: number | undefined;
  close(): Promise<void>;
}

/** The end of a process of wrangler. */
interface Ending {
  /** True if the Worker had been ready, or if its build had failed, before the process ended. */
  hasRun: boolean;
  reason: string;
  /** The last lines of the process's output. */
  lines: readonly string[];
}

/**
 * Starts the Worker and waits until the Worker answers. The lines that wrangler prints before this are shown only if
 * the start fails.
 *
 * @throws LocalCloudError `not_ready` with the last lines of wrangler's output, and the reason at the end
 */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const { cloud, front, log, onCrash, onCode } = options;
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  let isReady = false;
  let closing = false;
  let host: Host | undefined;

  const take = (message: HostMessage): void => {
    front.set(message);
    if (message.state === 'ready') {
      cloud.deliveries.release();
      if (isReady) void onCode?.();
      resolve();
    } else {
      cloud.deliveries.hold();
    }
  };
  const ended = ({ hasRun, reason, lines }: Ending): void => {
    if (closing) return;
    take({ state: 'building' });
    if (hasRun) {
      log(`worker: ${reason}; it is started again`);
      host = startHost(options, { take, ended });
      return;
    }
    const message = ['the last lines of wrangler:', ...lines, reason].join('\n');
    reject(new LocalCloudError('not_ready', 'worker', message));
    if (isReady) onCrash(new LocalCloudError('part_crashed', 'worker', message));
  };
  const close = async (): Promise<void> => {
    closing = true;
    await host?.close();
  };

  await onCode?.();
  host = startHost(options, { take, ended });
  try {
    await ready;
    await expectHealthy(front.url);
  } catch (error) {
    await close();
    throw error;
  }
  isReady = true;
  return { pid: () => host?.pid, close };
}

async function expectHealthy(url: string): Promise<void> {
  const response = await fetch(`${url}/health`);
  if (response.status === 200) return void (await response.body?.cancel());
  const message = `GET ${url}/health answered ${response.status}: ${await response.text()}`;
  throw new LocalCloudError('not_ready', 'worker', message);
}

function startHost(
  { cloud, front, config = 'wrangler.toml', env, readyLimitMs = 300_000, log }: WorkerOptions,
  { take, ended }: { take: (message: HostMessage) => void; ended: (ending: Ending) => void },
): Host {
  const child = spawn(process.execPath, [HOST], {
    cwd: ROOT,
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: 'false',
      // Without this setting, wrangler asks the network for this machine's location at each reload.
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: cloud.postgres.url,
    },
    // In a separate process group, wrangler does not receive Ctrl-C. So this process can end the Worker before it ends
    // the servers that the Worker uses.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ask = (request: HostRequest): boolean => child.connected && child.send(request);
  ask({ start: { config, env, hostname: LOOPBACK, variables: appVariables(cloud, front.url) } });

  let hasRun = false;
  let reason: string | undefined;
  let lines: string[] = [];
  readLines(child, (line) => {
    lines = [...lines.slice(1 - REMEMBERED_LINES), line];
    if (hasRun) log(line);
  });
  const limit = setTimeout(() => {
    reason = `wrangler did not start the Worker within ${readyLimitMs / 1_000} s`;
    endGroup(child);
  }, readyLimitMs);
  child.on('message', (message: HostMessage | HostEnding) => {
    if ('ending' in message) {
      reason = message.ending;
      return;
    }
    if (message.state !== 'building') {
      clearTimeout(limit);
      if (message.state === 'failed' && !hasRun) log(`worker: the build fails\n${message.reason}`);
      hasRun = true;
    }
    take(message);
  });
  // When the child has ended, the remaining processes of its group are ended too. This closes the output.
  child.once('exit', () => endGroup(child));
  const closed = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      ended({ hasRun, lines, reason: reason ?? `wrangler ended with ${signal ?? `code ${code}`}` });
      resolve();
    });
  });
  return {
    pid: child.pid,
    async close() {
      // The child is asked to stop by a message. After `disconnect()`, the event `close` would never occur.
      ask('stop');
      await closed;
    },
  };
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All processes of the group have ended.
  }
}

function readLines(child: ChildProcess, take: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line.trim() !== '' && !NOT_WORTH_A_LINE.test(line)) take(line);
    });
  }
}
