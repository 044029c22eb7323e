/**
 * `npm run dev:memory`: prints the memory of each process of the `npm run dev` that runs in this folder, in MiB, on
 * Linux. A page of memory that several processes share is counted in equal parts for them (PSS). With `--watch`, the
 * command runs until Ctrl-C. Every ten seconds, it prints the sums, and the peak of our own processes (all processes
 * except wrangler, workerd and esbuild).
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLE_MS = 250;
const SAMPLES_PER_LINE = 40;

/** A process, read from /proc. */
interface Process {
  pid: number;
  parent: number;
  command: string[];
}

/** The memory of a process. */
interface Share {
  pid: number;
  name: string;
  mebibytes: number;
  isOwn: boolean;
}

/**
 * Calls a function that reads a file of a process. Returns undefined if the read fails, because the process may have
 * ended.
 */
function read<T>(how: () => T): T | undefined {
  try {
    return how();
  } catch {
    return undefined;
  }
}

function processes(): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const command = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    if (stat === undefined || command === undefined) return [];
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return [{ pid: Number(pid), parent, command: command.split('\0') }];
  });
}

function isCommand({ pid, command }: Process): boolean {
  const script = command.find((word) => /(?:^|\/)dev\/commands\/(?:dev|cloud)\.ts$/.test(word));
  return script !== undefined && !command[0]?.endsWith('sh') && read(() => readlinkSync(`/proc/${pid}/cwd`)) === ROOT;
}

/** Returns the process of the command, its parents (npm and npm's shell), and its descendants. */
function familyOf(command: Process, all: readonly Process[]): Process[] {
  const family = [command];
  const parentOf = ({ parent }: Process) => all.find(({ pid }) => pid === parent);
  for (let above = parentOf(command); above && /\bnpm\b|^sh$/.test(nameOf(above)); above = parentOf(above)) {
    family.unshift(above);
  }
  for (const member of family) {
    if (member.pid < command.pid && member !== command) continue;
    family.push(...all.filter(({ parent, pid }) => parent === member.pid && !family.some((one) => one.pid === pid)));
  }
  return family;
}

function nameOf({ command }: Process): string {
  const words = command.map((word) => word.split('/').at(-1) ?? '');
  if (words[0]?.startsWith('npm')) return command.join(' ').trim();
  if (words[0] === 'node') {
    const script = words.slice(1).find((word) => !word.startsWith('-')) ?? 'node';
    return script === 'host.ts' ? 'wrangler' : script;
  }
  return words[0] ?? '';
}

function measure(): Share[] {
  const all = processes();
  const command = all.find(isCommand);
  if (command === undefined) return [];
  return familyOf(command, all).flatMap((one) => {
    const memory = read(() => readFileSync(`/proc/${one.pid}/smaps_rollup`, 'utf8'));
    const kibibytes = /^Pss:\s+(\d+)/m.exec(memory ?? '')?.[1];
    if (kibibytes === undefined) return [];
    const name = nameOf(one);
    return [
      { pid: one.pid, name, mebibytes: Number(kibibytes) / 1024, isOwn: !/^(wrangler|workerd|esbuild)/.test(name) },
    ];
  });
}

function sum(shares: readonly Share[], isOwn: boolean): number {
  return Math.round(shares.reduce((total, share) => total + (share.isOwn === isOwn ? share.mebibytes : 0), 0));
}

async function watch(): Promise<never> {
  for (;;) {
    let shares: Share[] = [];
    let peak: Share[] = [];
    for (let sample = 0; sample < SAMPLES_PER_LINE; sample += 1) {
      shares = measure();
      if (sum(shares, true) >= sum(peak, true)) peak = shares;
      await sleep(SAMPLE_MS);
    }
    const own = peak.filter(({ isOwn }) => isOwn).map(({ name, mebibytes }) => `${name} ${Math.round(mebibytes)}`);
    console.log(
      `${new Date().toISOString()} ours ${sum(shares, true)}, others ${sum(shares, false)}; peak of ours ${sum(peak, true)}: ${own.join(', ')}`,
    );
  }
}

const { values } = parseArgs({ options: { watch: { type: 'boolean', default: false } } });
if (values.watch) await watch();
const shares = measure();
if (shares.length === 0) {
  console.error('`npm run dev` does not run in this folder, or this is not Linux');
  process.exitCode = 1;
}
for (const { pid, name, mebibytes, isOwn } of shares) {
  console.log(
    `${mebibytes.toFixed(0).padStart(5)} MiB  ${isOwn ? 'ours  ' : 'others'}  ${String(pid).padStart(6)}  ${name}`,
  );
}
if (shares.length > 0)
  console.log(`${String(sum(shares, true)).padStart(5)} MiB  ours; others ${sum(shares, false)} MiB`);
