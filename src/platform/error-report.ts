/**
 * Errors as shown in logs, records of jobs and, in local mode, answers: class, code, message, frames, and the errors
 * behind them. `ERROR_MESSAGES` decides whether messages of errors that are not ours are shown unchanged.
 */
import { maskCredentials, redactMessage } from './redact.ts';

/**
 * How much is shown of messages that are not ours. `shown`: all but credentials, for a developer's own machine.
 * `redacted`: plain words alone, see `redact.ts`.
 */
export type Messages = 'shown' | 'redacted';

/** An error, ready to be written. */
export interface ErrorReport {
  name: string;
  code?: string;
  message?: string;
  /** The first frames, without the message. */
  stack?: string[];
  cause?: ErrorReport;
}

const LONGEST_SHOWN = 2_000;
/** The most errors behind an error that are shown, and the most frames of an error and of one behind it. */
const CAUSES = 3;
const FRAMES = 8;
const FRAMES_OF_CAUSE = 3;

/** Describes a thrown value. */
export function reportError(thrown: unknown, messages: Messages, depth = 0): ErrorReport {
  const message = messageOf(thrown, messages);
  const told = message === '' ? {} : { message };
  if (!(thrown instanceof Error)) return { name: typeof thrown, ...told };
  const code = codeOf(thrown);
  const { cause } = thrown;
  return {
    name: nameOf(thrown),
    ...(code === undefined ? {} : { code: maskCredentials(code) }),
    ...told,
    stack: framesOf(thrown).slice(0, depth === 0 ? FRAMES : FRAMES_OF_CAUSE),
    ...(cause === undefined || cause === null || depth === CAUSES
      ? {}
      : { cause: reportError(cause, messages, depth + 1) }),
  };
}

/**
 * The message of anything thrown; empty if it has none. Our errors, known by the form of their `code`, are written with
 * care not to quote input; messages of others are redacted unless they are `shown`.
 */
export function messageOf(thrown: unknown, messages: Messages): string {
  const message = thrown instanceof Error ? thrown.message : thrown;
  if (typeof message !== 'string') return '';
  if (messages === 'shown' || isOurs(thrown)) return maskCredentials(message.slice(0, LONGEST_SHOWN));
  return redactMessage(message);
}

/** Class and message of an error and of those behind it, in one text. */
export function summaryOf(thrown: unknown, messages: Messages): string {
  const summaries: string[] = [];
  for (let each: ErrorReport | undefined = reportError(thrown, messages); each; each = each.cause) {
    summaries.push(each.message === undefined ? each.name : `${each.name}: ${each.message}`);
  }
  return summaries.join('; caused by ');
}

/** The same error without its message and the errors behind it, for errors that must not be shown even in part. */
export function withoutMessage(thrown: unknown): Error {
  const code = codeOf(thrown);
  const bare = new Error('', {});
  bare.name = thrown instanceof Error ? nameOf(thrown) : typeof thrown;
  bare.stack = indentedFramesOf(thrown).join('\n');
  return code === undefined ? bare : Object.assign(bare, { code });
}

/**
 * Gives an error the frames of the error that it replaces. A stack repeats the message of its error, so the old message
 * is left out.
 */
export function takeFrames(error: Error, replaced: unknown): void {
  error.stack = [`${error.name}: ${error.message}`, ...indentedFramesOf(replaced)].join('\n');
}

/** Codes of ours are words with underscores. Node's begin with `ERR_`, those of its `fetch` with `UND_ERR_`. */
function isOurs(thrown: unknown): boolean {
  return /^(?!ERR_|UND_)[A-Z]+(?:_[A-Z]+)+$/.test(codeOf(thrown) ?? '');
}

function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string')) return undefined;
  return /^[\w.-]{1,60}$/.test(thrown.code) ? thrown.code : undefined;
}

function nameOf({ name }: Error): string {
  return /^[\w.$-]{1,60}$/.test(name) ? maskCredentials(name) : 'Error';
}

/** The frames as V8 writes them; none for a value that is not an error. */
function indentedFramesOf(thrown: unknown): string[] {
  return thrown instanceof Error ? framesOf(thrown).map((frame) => `    ${frame}`) : [];
}

/** A stack repeats the message first, which may hold anything, also lines that look like frames. */
function framesOf({ stack = '', message }: Error): string[] {
  const start = message === '' ? 0 : stack.indexOf(message);
  if (start === -1) return [];
  const frames = stack.slice(start + message.length).split('\n');
  return frames.filter((line) => /^ {4}at /.test(line)).map((line) => maskCredentials(line.trim()));
}
