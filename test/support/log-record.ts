/** The record of what this run's suites log, for whoever has a line or a secret to add. See `log-directory.ts`. */
import { expect, inject } from 'vitest';
import { type LogRecord, openLogRecord } from './log-directory.ts';

let opened: LogRecord | undefined;

/** The record of the run that this test is part of. Suites without a local cloud have none: what they add is dropped. */
export function logRecord(): LogRecord {
  opened ??= openRunRecord();
  return opened;
}

function openRunRecord(): LogRecord {
  // Not there in projects without the setup, whatever the type says.
  const directory = inject('logDirectory') as string | undefined;
  const test = () => expect.getState().testPath?.split('/test/').at(-1) ?? 'no test';
  return directory === undefined ? { line() {}, secret() {} } : openLogRecord(directory, test);
}
