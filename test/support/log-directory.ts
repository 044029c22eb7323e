/**
 * The logs of a run's suites and the secrets that they know, in a directory that the run's setup makes: each process
 * adds to files of its own, and the setup scans all of them when the run ends. See `log-scan.ts`.
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KnownSecret, RecordedLine } from './log-scan.ts';

/** The record to which the processes of a run add. */
export interface LogRecord {
  line(source: string, line: string): void;
  secret(kind: string, secret: string): void;
}

/** Makes the directory of a run. */
export function createLogDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-log-'));
}

/** Removes the directory. */
export function removeLogDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Opens a run's directory for adding. Entries are written immediately: a suite may end its process. */
export function openLogRecord(directory: string, test: () => string): LogRecord {
  const name = `${process.pid}-${Math.random().toString(36).slice(2)}.jsonl`;
  const secrets = new Set<string>();
  return {
    line(source, line) {
      const recorded: RecordedLine = { source: `${source} in ${test()}`, line };
      appendFileSync(join(directory, `lines-${name}`), `${JSON.stringify(recorded)}\n`);
    },
    secret(kind, secret) {
      if (secrets.has(secret)) return;
      secrets.add(secret);
      appendFileSync(join(directory, `secrets-${name}`), `${JSON.stringify({ kind, secret } satisfies KnownSecret)}\n`);
    },
  };
}

/** Reads all entries. */
export function readLogRecord(directory: string): { lines: RecordedLine[]; secrets: KnownSecret[] } {
  // The unfinished last line of a killed process does not count.
  const read = <Entry>(prefix: string) =>
    readdirSync(directory)
      .filter((name) => name.startsWith(prefix))
      .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1))
      .map((entry) => JSON.parse(entry) as Entry);
  return { lines: read<RecordedLine>('lines-'), secrets: read<KnownSecret>('secrets-') };
}
