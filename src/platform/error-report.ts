/**
 * Describes errors. A log shows class, code, message, frames and causes of an error; a job's record shows the message.
 * If `ERROR_MESSAGES` is `shown` (local mode only), answers to unexpected errors show classes and messages, too.
 * `ERROR_MESSAGES` also decides whether messages of errors from other code, such as libraries, are shown unchanged.
 */
import { maskCredentials, redactMessage } from './redact.ts';

/**
 * The form of messages of errors from other code. `shown`: everything except credentials, for a developer's own
 * machine. `redacted`: only plain words, see `redact.ts`.
 */
export type Messages = 'shown' | 'redacted';

/** An error in the form that is logged or stored. */
export interface ErrorReport {
  name: string;
  code?: string;
  message?: string;
  /** The first frames, without the message. */
  stack?: string[];
  cause?: ErrorReport;
}

const LONGEST_SHOWN = 2_000;
/**
 * The maximum number of causes that are shown, the maximum number of frames of the error, and the maximum number of
 * frames of a cause.
 */
const CAUSES = 3;
const FRAMES = 8;
const FRAMES_OF_CAUSE = 3;

/** Makes the report of a thrown value. */
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
 * Returns the message of a thrown value; the empty text if there is no message. Messages of our own errors are shown,
 * because they never quote input; our errors are recognized by the form of `code`. Messages of other errors are
 * redacted, unless `messages` is `shown`.
 */
export function messageOf(thrown: unknown, messages: Messages): string {
  const message = thrown instanceof Error ? thrown.message : thrown;
  if (typeof message !== 'string') return '';
  if (messages === 'shown' || isOurs(thrown)) return maskCredentials(message.slice(0, LONGEST_SHOWN));
  return redactMessage(message);
}

/** Returns class and message of an error and of its causes, in one text. */
export function summaryOf(thrown: unknown, messages: Messages): string {
  const summaries: string[] = [];
  for (let each: ErrorReport | undefined = reportError(thrown, messages); each; each = each.cause) {
    summaries.push(each.message === undefined ? each.name : `${each.name}: ${each.message}`);
  }
  return summaries.join('; caused by ');
}

/**
 * Returns an error without message and causes. The error replaces an error that must not be shown, not even in part.
 */
export function withoutMessage(thrown: unknown): Error {
  const code = codeOf(thrown);
  const bare = new Error('', {});
  bare.name = thrown instanceof Error ? nameOf(thrown) : typeof thrown;
  bare.stack = indentedFramesOf(thrown).join('\n');
  return code === undefined ? bare : Object.assign(bare, { code });
}

/**
 * Gives an error the frames of the error that it replaces. A stack also contains the message of its error; the message
 * of the replaced error is left out.
 */
export function takeFrames(error: Error, replaced: unknown): void {
  error.stack = [`${error.name}: ${error.message}`, ...indentedFramesOf(replaced)].join('\n');
}

/**
 * Returns whether an error comes from our code: its `code` consists of words and underscores, and does not begin with
 * `ERR_` as codes of Node, or with `UND_` as codes of Node's `fetch`.
 */
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

/** Returns the frames in the form of V8; an empty list for a value that is not an error. */
function indentedFramesOf(thrown: unknown): string[] {
  return thrown instanceof Error ? framesOf(thrown).map((frame) => `    ${frame}`) : [];
}

/** Returns the frames of a stack. A stack begins with the message, which may contain lines that look like frames. */
function framesOf({ stack = '', message }: Error): string[] {
  const start = message === '' ? 0 : stack.indexOf(message);
  if (start === -1) return [];
  const frames = stack.slice(start + message.length).split('\n');
  return frames.filter((line) => /^ {4}at /.test(line)).map((line) => maskCredentials(line.trim()));
}
