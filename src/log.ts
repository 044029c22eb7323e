/**
 * A structured log: one JSON object a line, with the request's id. Secrets cannot enter it: a field whose name says
 * that it holds one is dropped, a text that has the form of one of our credentials is masked, and errors are reduced
 * to their class, code and stack without the message of foreign errors, which may quote what a user sent.
 */

/** Ascending severity. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Values worth logging; nested objects are cleaned like the top level. */
export type Fields = Readonly<Record<string, unknown>>;

/** Writes events. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** The same log with more fields on every line. */
  with(fields: Fields): Log;
}

/** Where lines go and which are wanted. */
export interface LogOptions {
  now(): number;
  /** The least severe level written. Default `info`. */
  level?: Level;
  /** Receives each line. Default: the console, which both platforms collect. */
  write?(line: string): void;
}

const ORDER: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };
const SECRET_NAME =
  /authorization|cookie|password|passphrase|secret|token|credential|private[-_]?key|api[-_]?key|signature|session|code_?hash|otp/i;
/**
 * Texts that are credentials. `(?<![a-z])` rather than `\b`, so that a key glued to an underscore or a digit is found
 * too. None may try the same characters again from each beginning: a path of 16 KiB is a line too.
 */
const CREDENTIAL = new RegExp(
  [
    // API keys; what is readable of them stays.
    '(?<key>(?<![a-z])hf_[a-z0-9-]+_[a-z0-9]+)_[a-z0-9]+',
    // Authorization headers, and cookie headers to the end of their line.
    '(?<scheme>\\b(?:bearer|basic)\\b)[\\s:=]+\\S+',
    '(?<cookie>\\b(?:set-)?cookie:)[^\\r\\n]*',
    // JSON web tokens.
    'eyJ[\\w-]{1,512}\\.[\\w-]{1,4096}\\.[\\w-]*',
    // Session tokens, refresh tokens, challenges of one-time codes.
    '(?<![a-z])[rv]1\\.[\\w-]+(?:\\.[\\w-]+){3,}|(?<![a-z])c1(?:\\.[\\w-]+){3}',
    // Hashes of passwords.
    '\\$scrypt\\$\\S*',
    // QStash signing keys, keys of Resend, and those of AUTH_KEYS and SEAL_KEYS, whose ids stay.
    '(?<![a-z])sig_\\w+|(?<![a-z])re_[a-z0-9]{8,}_\\w+',
    '(?<keyId>(?<![\\w-])[\\w-]{1,32}:)[a-z0-9+/]{43}=',
    // The password of a connection string.
    '(?<user>\\b\\w+:\\/\\/[^\\s:/@]*:)[^\\s/@]+(?=@)',
  ].join('|'),
  'gi',
);

/** Creates a log. */
export function createLog(options: LogOptions, fields: Fields = {}): Log {
  const { now, level: least = 'info', write = (line) => console.log(line) } = options;
  function at(level: Level) {
    return (event: string, more: Fields = {}) => {
      if (ORDER[level] < ORDER[least]) return;
      const line = { time: new Date(now()).toISOString(), level, event, ...cleanFields({ ...fields, ...more }) };
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

function cleanFields(fields: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !SECRET_NAME.test(name))
      .map(([name, value]) => [name, clean(value, depth)]),
  );
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return '[bytes]';
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= 4) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 20).map((item) => clean(item, depth + 1));
  return cleanFields(value, depth + 1);
}

/** Keeps what tells one credential from another and is no secret. */
function mask(text: string): string {
  return text.replace(CREDENTIAL, (...match) => {
    const { key, scheme, cookie, keyId, user } = match.at(-1) as Record<string, string | undefined>;
    return `${key ?? scheme ?? cookie ?? keyId ?? user ?? ''}[secret]`;
  });
}

/** Our errors (known by the form of their `code`) are written with care not to quote input; of others only class and place are kept. */
function describeError(error: Error): Record<string, unknown> {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const ours = code !== undefined && /^(?!ERR_)[A-Z]+(_[A-Z]+)+$/.test(code);
  return {
    name: mask(error.name),
    ...(code === undefined ? {} : { code: mask(code) }),
    ...(ours ? { message: mask(error.message) } : {}),
    stack: framesOf(error).slice(0, 8),
  };
}

/** A stack repeats the message first, which may hold anything, also lines that look like frames. */
function framesOf({ stack = '', message }: Error): string[] {
  const start = message === '' ? 0 : stack.indexOf(message);
  if (start === -1) return [];
  const frames = stack.slice(start + message.length).split('\n');
  return frames.filter((line) => /^ {4}at /.test(line)).map((line) => mask(line.trim()));
}
