#!/usr/bin/env node
/**
 * The command of the package: `npx holdfast cloud` and `npx holdfast qstash`. The servers run in a child process,
 * because V8 accepts the flag that keeps the embedded Postgres small only on the command line.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const USAGE = `Usage:
  npx holdfast cloud [--fresh]             Redis, Postgres, QStash and a mailbox on this machine
  npx holdfast qstash [--port=…] [--still] QStash alone`;

/**
 * Returns the packages that a command's embedded servers need. If the environment has the URL of a server, no package
 * is needed for it.
 */
function packagesFor(command: string): string[] {
  if (command !== 'cloud') return [];
  const { REDIS_URL, DATABASE_URL } = process.env;
  return [
    '@redis/client',
    ...(REDIS_URL ? [] : ['js-redis-server']),
    ...(DATABASE_URL ? [] : ['@electric-sql/pglite']),
  ];
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

const MODULES: Readonly<Record<string, URL>> = {
  cloud: new URL('./cloud.ts', import.meta.url),
  qstash: new URL('../dev/commands/qstash.ts', import.meta.url),
};

const [command = '', ...rest] = process.argv.slice(2);
const module = MODULES[command];
const missing = packagesFor(command).filter((name) => !isInstalled(name));
if (!module) {
  console.error(USAGE);
  process.exitCode = 2;
} else if (missing.length > 0) {
  const them = missing.join(' ');
  console.error(`holdfast ${command} needs packages that are not installed: npm install --save-dev ${them}`);
  process.exitCode = 1;
} else {
  const child = spawn(process.execPath, ['--liftoff-only', fileURLToPath(module), ...rest], {
    stdio: 'inherit',
    env: { HOLDFAST_DATA: join(process.cwd(), '.holdfast'), ...process.env },
  });
  // A terminal sends Ctrl-C to both processes. A second SIGINT from here would end the servers before they have stopped
  // cleanly.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
  });
}
