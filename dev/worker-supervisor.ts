/**
 * Runs wrangler and ends it when the process that started us is gone. The IPC channel closes with that process whatever
 * killed it, also SIGKILL, which no signal handler sees; without this, workerd would live on and hold its port.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const WRANGLER = fileURLToPath(new URL('../node_modules/wrangler/bin/wrangler.js', import.meta.url));
const GRACE_MS = 3_000;

const wrangler = spawn(process.execPath, [WRANGLER, ...process.argv.slice(2)], {
  // Ours to end as a group: wrangler, the process it wraps, workerd and esbuild.
  detached: true,
  stdio: ['ignore', 'inherit', 'inherit'],
});

async function end(): Promise<void> {
  signalGroup('SIGTERM');
  await sleep(GRACE_MS);
  signalGroup('SIGKILL');
}

function signalGroup(signal: NodeJS.Signals): void {
  if (wrangler.pid === undefined) return;
  try {
    process.kill(-wrangler.pid, signal);
  } catch {
    // The group has ended.
  }
}

process.once('disconnect', end);
process.once('SIGTERM', end);
process.on('SIGINT', () => {});
wrangler.once('error', () => process.exit(1));
wrangler.once('exit', (code) => {
  // What wrangler left behind goes with it.
  signalGroup('SIGKILL');
  process.exit(code ?? 1);
});
