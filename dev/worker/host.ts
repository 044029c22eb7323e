/**
 * The process in which wrangler bundles and runs the Worker. The process reports the Worker's state to its parent
 * (`process.ts`). The process ends with its parent: the IPC channel closes when the parent ends, even if the parent was
 * killed with SIGKILL, which no signal handler can catch.
 *
 * The process starts wrangler through wrangler's API, not its command line, because only the API's events report when a
 * bundle starts, completes or fails. The API is marked as unstable, so package.json pins the version.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unstable_DevEnv as DevEnv } from 'wrangler';
import { reasonOf } from './reason.ts';

/** The messages of the parent to this process. */
export type HostRequest = { start: HostOptions } | 'stop';

/** The settings with which wrangler starts the Worker. */
export interface HostOptions {
  /** The configuration file of wrangler. */
  config: string;
  /** The environment of the configuration file. */
  env: string | undefined;
  /** The host name of the Worker's address; the system chooses the port. */
  hostname: string;
  variables: Record<string, string>;
}

/** The state of the Worker. */
export type HostMessage =
  /** The changed code is being bundled, or the bundle is being loaded. */
  | { state: 'building' }
  /** The Worker answers at this address. */
  | { state: 'ready'; url: string }
  /** The code cannot be bundled or loaded. The next change of a file may correct this. */
  | { state: 'failed'; reason: string };

/**
 * The last message: the reason why the process ends. If the process ends without a failure, no such message is sent.
 */
export interface HostEnding {
  ending: string;
}

const GRACE_MS = 3_000;

type Event = Parameters<DevEnv['dispatch']>[0];

function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

/** Sends the reason to the parent, and ends this process. */
function give(ending: string): void {
  const message: HostEnding = { ending };
  if (process.connected) process.send?.(message, undefined, {}, end);
  else end();
}

/** Ends this process and all its children, because this process leads their process group. */
function end(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // Windows has no process groups.
    process.exit(1);
  }
}

/** wrangler's environment for development. This class reports wrangler's internal events to the parent. */
class Observed extends DevEnv {
  /** True while wrangler has no reason to stop workerd. If workerd ends while this is true, workerd has crashed. */
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
    // An error of wrangler's proxy means that one request failed, not that the Worker failed.
    if (event.type === 'error' && event.source !== 'ProxyController') {
      tell({ state: 'failed', reason: reasonOf(event.cause) });
    }
  }
}

async function tellReady({ proxy }: DevEnv): Promise<void> {
  const { url } = await proxy.ready.promise;
  // The proxy forwards requests only after this point.
  await proxy.runtimeMessageMutex.drained();
  tell({ state: 'ready', url: url.origin });
}

/** Ends this process group when workerd crashes. wrangler does not notice such a crash, and all requests would fail. */
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
  // Without this listener, an error would end the process.
  host.on('error', (error: unknown) => console.error(reasonOf(error)));
  await host.startWorker({
    config,
    env,
    bindings: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, { type: 'plain_text', value }] as const),
    ),
    // The parent process generates the files of /docs. If a build command of wrangler did this and failed, wrangler
    // would not bundle any more.
    build: { custom: { command: '' }, minify: false },
    // wrangler reads `.dev.vars` and no other file.
    envFiles: [],
    dev: { server: { hostname, port: 0 }, inspector: { port: 0 } },
  });
}

/** Ends this process after a short time, in which wrangler removes its temporary files. */
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
