/**
 * `cloud`, `qstash`, `dev` and `drill`: the programs of this checkout that npm runs under the same names. Each is a process
 * of its own, because the cloud needs a flag of V8.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Command, Input, Options } from './command.ts';
import { UsageError } from './usage-error.ts';

const ROOT = join(import.meta.dirname, '..');
/** The exit code of a program for a wrong call. */
const WRONG_CALL = 2;

/** A program, and the flags of Node that it needs. */
interface Program extends Omit<Command, 'run'> {
  file: string;
  flags?: readonly string[];
  /** With `--json` the program writes one object, and else text. Others write a line of JSON below their text. */
  writesJson?: boolean;
}

function program({ file, flags = [], writesJson = false, ...command }: Program): Command {
  return {
    ...command,
    async run(input, { environment }) {
      const isJson = input.json === true;
      const asked = isJson && writesJson ? ['--json'] : [];
      const words = [...flags, '--', join(ROOT, file), ...asked, ...argumentsOf(command.options, input)];
      // A program writes its text itself, as long as it runs.
      const child = spawn(process.execPath, words, {
        cwd: ROOT,
        env: environment,
        stdio: ['inherit', isJson ? 'pipe' : 'inherit', 'pipe'],
      });
      const forward = (signal: NodeJS.Signals) => void child.kill(signal);
      const ignore = () => {};
      // A terminal sends Ctrl-C to the program too.
      process.on('SIGINT', ignore).on('SIGTERM', forward);
      try {
        const [out, errors, [status]] = await Promise.all([
          child.stdout === null ? '' : (writesJson ? text : passJson)(child.stdout),
          child.stderr === null ? '' : text(child.stderr),
          once(child, 'close'),
        ]);
        if (status === WRONG_CALL) throw new UsageError(errors.trim());
        if (status !== 0 && errors !== '') throw new Error(errors.trim());
        const exitCode = status === 0 ? 0 : 1;
        return { lines: [], json: out === '' ? { exitCode } : (JSON.parse(out) as object), exitCode };
      } finally {
        process.off('SIGINT', ignore).off('SIGTERM', forward);
      }
    },
  };
}

/** Writes the lines of JSON at once, and leaves the text out. */
async function passJson(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) if (line.startsWith('{')) console.log(line);
  return '';
}

/** The words of the program: its options, and the further words after `--`, which none of them can turn into an option. */
function argumentsOf(known: Options, { options, words }: Input): string[] {
  const given = Object.keys(known).flatMap((name) => {
    const value = options[name];
    if (typeof value === 'string') return [`--${name}=${value}`];
    return value === true ? [`--${name}`] : [];
  });
  return [...given, ...(words.length > 0 ? ['--', ...words] : [])];
}

const V8_FLAGS = ['--liftoff-only'];
const fresh = { type: 'boolean', help: 'Removes the data of the last start first' } as const;

export const programs: readonly Command[] = [
  program({
    name: 'cloud',
    summary: 'Starts the local cloud without the application, until Ctrl-C',
    options: { fresh },
    example: 'cloud',
    file: 'dev/commands/cloud.ts',
    flags: V8_FLAGS,
  }),
  program({
    name: 'qstash',
    summary: 'Starts the emulator of QStash alone, until Ctrl-C',
    options: {
      port: { type: 'string', value: 'number', help: 'The port. Default: 8080' },
      still: { type: 'boolean', help: 'The clock of the emulator moves only when a request moves it' },
    },
    example: 'qstash --still',
    file: 'dev/commands/qstash.ts',
  }),
  program({
    name: 'dev',
    summary: 'Starts the local cloud and the Worker, until Ctrl-C',
    options: {
      fresh,
      'no-cron': { type: 'boolean', help: 'Turns the schedules off' },
      port: { type: 'string', value: 'number', help: 'The port of the application. Default: 8787' },
    },
    example: 'dev --no-cron',
    file: 'dev/commands/dev.ts',
    flags: V8_FLAGS,
  }),
  program({
    name: 'drill',
    words: ['[name…]'],
    summary: 'Breaks a local cloud, mends it, and compares every fact with its promise; without a name in all drills',
    options: {
      list: { type: 'boolean', help: 'Lists the drills' },
      write: { type: 'boolean', help: 'Writes the table and the figures into docs/recovery.md' },
      'real-servers': { type: 'boolean', help: 'Uses redis-servers, and the PostgreSQL of DATABASE_URL' },
    },
    example: 'drill redis-lost',
    file: 'dev/commands/drill.ts',
    writesJson: true,
  }),
];
