/**
 * A structured log: one JSON object per line, with the id of the request. No secret gets into the log. A field whose
 * name is that of a secret is dropped, and a text in the form of one of our credentials is masked. The message of an
 * error from other code may quote a user's input, so the log keeps only the plain words of the message.
 */
import { type Messages, reportError } from './error-report.ts';
import { maskCredentials, SECRET_NAME } from './redact.ts';

/** The levels, in the order of ascending severity. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

/** The fields of a log line. Nested objects are cleaned like the top level. */
export type Fields = Readonly<Record<string, unknown>>;

/** A log, which writes events. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** Returns the same log with more fields on every line. */
  with(fields: Fields): Log;
}

/** The options of a log. */
export interface LogOptions {
  now(): number;
  /** The least severe level that is written. Default `info`. */
  level?: Level;
  /** The form of messages of errors from other code. Default `redacted`. */
  messages?: Messages;
  /** Receives each line. Default: the console, which both platforms collect. */
  write?(line: string): void;
}

const ORDER: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Creates a log. */
export function createLog(options: LogOptions, fields: Fields = {}): Log {
  const { now, level: least = 'info', messages = 'redacted', write = (line) => console.log(line) } = options;
  function at(level: Level) {
    return (event: string, more: Fields = {}) => {
      if (ORDER[level] < ORDER[least]) return;
      const line = {
        time: new Date(now()).toISOString(),
        level,
        event,
        ...cleanFields({ ...fields, ...more }, messages),
      };
      write(JSON.stringify(line));
    };
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (more) => createLog(options, { ...fields, ...more }),
  };
}

function cleanFields(fields: object, messages: Messages, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !SECRET_NAME.test(name))
      .map(([name, value]) => [
        name,
        isThrown(name, value) ? reportError(value, messages) : clean(value, messages, depth),
      ]),
  );
}

/** Returns whether a field contains a thrown value, which need not be an `Error`. */
function isThrown(name: string, value: unknown): boolean {
  return value instanceof Error || (name === 'error' && value !== undefined && value !== null);
}

function clean(value: unknown, messages: Messages, depth: number): unknown {
  if (typeof value === 'string') return maskCredentials(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return reportError(value, messages);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return '[bytes]';
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= 4) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 20).map((item) => clean(item, messages, depth + 1));
  return cleanFields(value, messages, depth + 1);
}
