/**
 * The Worker under `wrangler dev`, as a child process. Between us and wrangler stands a supervisor (`worker-supervisor.ts`),
 * so that wrangler and its workerd end when we do, however we do.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { appVariables } from './app-environment.ts';
import { LocalCloudError } from './errors.ts';
import { LOOPBACK } from './http-server.ts';
import type { LocalCloud } from './local-cloud.ts';
import { listenOnFreePort } from './ports.ts';

/** A Worker that answers. */
export interface WorkerProcess {
  url: string;
  close(): Promise<void>;
}

/** Options of {@link startWorker}. */
export interface WorkerOptions {
  cloud: LocalCloud;
  /** A free port, see {@link findWorkerPort}. */
  port: number;
  /** More arguments for `wrangler dev`, e.g. `['--config', 'other.toml']`. */
  wranglerArgs?: readonly string[];
  /** How long the Worker may take until `GET /health` answers 200; default 60 s. */
  readyLimitMs?: number;
  log: (line: string) => void;
  onCrash: (error: LocalCloudError) => void;
}

const ROOT = new URL('../', import.meta.url);
const OWN_VARIABLES = fileURLToPath(new URL('.dev.vars', ROOT));
const ENVIRONMENT_FILE = fileURLToPath(new URL('.wrangler/local-cloud.env', ROOT));
const SUPERVISOR = fileURLToPath(new URL('worker-supervisor.ts', import.meta.url));
/** Our own polling, and that of whoever watches the Worker, is not worth a line. */
const HEALTH_CHECK = /^\[wrangler:info\] GET \/health 200/;
const POLL_MS = 100;
const REMEMBERED_LINES = 200;

/** Where a Worker on this port answers. */
export function workerUrl(port: number): string {
  return `http://localhost:${port}`;
}

/**
 * The given port if it is free, else the next free one. wrangler cannot be given a bound socket, so the port is tried
 * and let go again.
 */
export function findWorkerPort(port: number, log: (line: string) => void): Promise<number> {
  return listenOnFreePort('worker', { port, log }, async (candidate) => {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(candidate, LOOPBACK, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
    return candidate;
  });
}

/**
 * Starts the Worker and waits until it answers. What wrangler says before that is shown only when it fails.
 *
 * @throws LocalCloudError `not_ready` with wrangler's output
 */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const { cloud, port, log, onCrash, readyLimitMs = 60_000, wranglerArgs = [] } = options;
  const url = workerUrl(port);
  await writeEnvironmentFile(cloud, url);

  const child = spawn(process.execPath, [SUPERVISOR, ...wranglerDev(port), ...wranglerArgs], {
    cwd: fileURLToPath(ROOT),
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: 'false',
      CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: cloud.postgres.url,
    },
    // A group of its own: Ctrl-C reaches us alone, and we end the Worker before the parts it uses.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const output = rememberOutput(child);
  const end = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await exited;
  };

  const gone = exited.then((code): never => {
    throw new LocalCloudError('not_ready', 'worker', `wrangler ended with code ${code}\n${output.text()}`);
  });
  const limit = AbortSignal.timeout(readyLimitMs);
  try {
    await Promise.race([waitUntilHealthy(url, limit), gone]);
  } catch (error) {
    await end();
    if (error instanceof LocalCloudError) throw error;
    const message = `GET ${url}/health did not answer 200 within ${readyLimitMs} ms\n${output.text()}`;
    throw new LocalCloudError('not_ready', 'worker', message, { cause: error });
  }

  output.passTo(log);
  let closing = false;
  gone.catch((error: LocalCloudError) => {
    if (!closing) onCrash(new LocalCloudError('part_crashed', 'worker', error.message));
  });
  return {
    url,
    async close() {
      closing = true;
      await end();
    },
  };
}

function wranglerDev(port: number): string[] {
  return [
    ...['dev', '--ip', LOOPBACK, '--port', String(port), '--inspector-port', '0'],
    '--show-interactive-dev-session=false',
    '--minify=false',
    // The developer's own file first, so that what the local cloud sets wins. Node reads this flag too, wherever it
    // stands, and refuses a file that does not exist.
    ...[OWN_VARIABLES, ENVIRONMENT_FILE].filter((file) => existsSync(file)).flatMap((file) => ['--env-file', file]),
  ];
}

async function writeEnvironmentFile(cloud: LocalCloud, apiUrl: string): Promise<void> {
  const lines = Object.entries(appVariables(cloud, apiUrl)).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}\n`,
  );
  await mkdir(new URL('.wrangler/', ROOT), { recursive: true });
  await writeFile(ENVIRONMENT_FILE, lines.join(''), { mode: 0o600 });
}

async function waitUntilHealthy(url: string, limit: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/health`, { signal: limit }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await sleep(POLL_MS, undefined, { signal: limit });
  }
}

function rememberOutput(child: ChildProcess): { text(): string; passTo(log: (line: string) => void): void } {
  let lines: string[] = [];
  let take = (line: string): void => {
    lines = [...lines.slice(1 - REMEMBERED_LINES), line];
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line.trim() !== '' && !HEALTH_CHECK.test(line)) take(line);
    });
  }
  return {
    text: () => lines.join('\n'),
    passTo(log) {
      const remember = take;
      take = (line) => {
        remember(line);
        log(line);
      };
    },
  };
}
