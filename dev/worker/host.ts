/**
 * The process in which wrangler bundles and runs the Worker. It reports the Worker's state to its parent
 * (`process.ts`), and ends with the parent: the IPC channel closes with the parent even after SIGKILL, which
 * no signal handler sees.
 *
 * wrangler is started through its API, not its command line, because only its events report when a bundle starts,
 * completes or fails. The API is marked as unstable; package.json pins the version.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unstable_DevEnv as DevEnv } from 'wrangler';

/** Messages of the parent. */
export type HostRequest = { start: HostOptions } | 'stop';

/** The settings for the start. */
export interface HostOptions {
  /** The configuration file of wrangler. */
  config: string;
  /** The environment of the configuration file. */
  env: string | undefined;
  /** The Worker's address; the system chooses the port. */
  hostname: string;
  variables: Record<string, string>;
}

/** The state of the Worker. */
export type HostMessage =
  /** The changed code is being bundled, or the bundle is being loaded. */
  | { state: 'building' }
  /** The Worker answers at this address. */
  | { state: 'ready'; url: string }
  /** The code cannot be bundled or loaded; the next change of a file may fix this. */
  | { state: 'failed'; reason: string };

/** Why the process ends; the last message, if there is one. */
export interface HostEnding {
  ending: string;
}

const GRACE_MS = 3_000;

type Event = Parameters<DevEnv['dispatch']>[0];

function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

/** Ends this process for a reason. */
function give(ending: string): void {
  const message: HostEnding = { ending };
  if (process.connected) process.send?.(message, undefined, {}, end);
  else end();
}

/** Ends this process and all its children: it leads their process group. */
function end(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // Windows has no process groups.
    process.exit(1);
  }
}

/** wrangler, and its internal events. */
class Observed extends DevEnv {
  /** Whether a workerd that ends now has crashed, not been stopped by wrangler. */
  isSettled = false;

  override dispatch(event: Event): void {
    if (event.type === 'configUpdate' || event.type === 'bundleStart' || event.type === 'reloadStart') {
      this.isSettled = false;
      tell({ state: 'building' });
    }
    super.dispatch(event);
    if (event.type === 'reloadComplete') {
      this.isSettled = true;
      void tellReady(this);
    }
    // A request that failed in wrangler's proxy is not a failure of the Worker.
    if (event.type === 'error' && event.source !== 'ProxyController') {
      tell({ state: 'failed', reason: reasonOf(event.cause) });
    }
  }
}

async function tellReady({ proxy }: DevEnv): Promise<void> {
  const { url } = await proxy.ready.promise;
  // The proxy lets requests through from here on.
  await proxy.runtimeMessageMutex.drained();
  tell({ state: 'ready', url: url.origin });
}

/** An error of esbuild: message and position. */
interface BuildMessage {
  text: string;
  location: { file: string; line: number; column: number; lineText: string } | null;
}

/** The message of an error; for a failed build, esbuild's messages with file, line and column. */
function reasonOf(cause: unknown): string {
  const { errors, message, cause: inner } = Object(cause) as { errors?: unknown; message?: unknown; cause?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return (errors as BuildMessage[]).map(described).join('\n\n');
  if (inner !== undefined) return `${String(message)}: ${reasonOf(inner)}`;
  return String(message ?? cause);
}

function described({ text, location }: BuildMessage): string {
  if (location === null) return text;
  const { file, line, column, lineText } = location;
  return `${file}:${line}:${column + 1}: ${text}\n  ${lineText}`;
}

/** Ends this process group when a workerd crashes: wrangler does not notice, and every later request would fail. */
function watchWorkerd(host: Observed): void {
  subscribe('child_process', (message) => {
    const child = (message as { process: ChildProcess }).process;
    child.once('exit', (code, signal) => {
      if (!host.isSettled || !basename(child.spawnfile ?? '').startsWith('workerd')) return;
      give(`workerd ended with ${signal ?? `code ${code}`}`);
    });
  });
}

async function run({ config, env, hostname, variables }: HostOptions): Promise<void> {
  const host = new Observed();
  watchWorkerd(host);
  process.once('disconnect', () => void stop(host));
  process.on('message', (request: HostRequest) => {
    if (request === 'stop') void stop(host);
  });
  // Without a listener an error would end the process.
  host.on('error', (error: unknown) => console.error(reasonOf(error)));
  await host.startWorker({
    config,
    env,
    bindings: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, { type: 'plain_text', value }] as const),
    ),
    // The parent generates the files of /docs: a command that fails here would keep wrangler from bundling.
    build: { custom: { command: '' } },
    // `.dev.vars` and no other file.
    envFiles: [],
    dev: { server: { hostname, port: 0 }, inspector: { port: 0 } },
  });
}

/** Gives wrangler a short time to remove its temporary files. */
async function stop(host: Observed): Promise<void> {
  host.isSettled = false;
  await Promise.race([host.teardown().catch(() => {}), sleep(GRACE_MS)]);
  end();
}

process.on('SIGINT', () => {});
process.once('message', (request: HostRequest) => {
  if (request === 'stop') return end();
  run(request.start).catch((error: unknown) => give(reasonOf(error)));
});
