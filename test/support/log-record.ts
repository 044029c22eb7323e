/** The record of this run's logs, to which suites add lines and secrets. See `log-directory.ts`. */
import { expect, inject } from 'vitest';
import { type LogRecord, openLogRecord } from './log-directory.ts';

let opened: LogRecord | undefined;

/** The record of this test's run. Suites without a local cloud have none: their entries are dropped. */
export function logRecord(): LogRecord {
  opened ??= openRunRecord();
  return opened;
}

function openRunRecord(): LogRecord {
  // Missing in projects without the setup, although the type says otherwise.
  const directory = inject('logDirectory') as string | undefined;
  const test = () => expect.getState().testPath?.split('/test/').at(-1) ?? 'no test';
  return directory === undefined ? { line() {}, secret() {} } : openLogRecord(directory, test);
}
