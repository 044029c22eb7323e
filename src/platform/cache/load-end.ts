/**
 * The end of a load without an entry, as the callers that wait for the load learn of it: a failure with its status and
 * code, or a value that is too large to be stored. The message of an error never crosses isolates.
 *
 *     <status> <code> <version,version,…>
 *
 * The versions are those of the tags before the load. A caller that finds other versions does not accept the end: the
 * load may not have seen a write that the caller must see.
 */

/** How a load ended. */
export type LoadEnd =
  /** The loader threw. `status` is an HTTP status from 400 to 599, `code` a name for programs. */
  | { kind: 'failed'; status: number; code: string }
  /** The value is too large to be stored: each caller loads it. */
  | { kind: 'oversized' };

/** The parts of an error that cross isolates. */
export interface ErrorSummary {
  status: number;
  code: string;
}

const OVERSIZED = '0 OVERSIZED';
/** The status and code of an error that states none. */
export const UNKNOWN: ErrorSummary = { status: 500, code: 'LOAD_FAILED' };

/** Formats an end for the text of a lease. */
export function formatLoadEnd(end: LoadEnd, versions: readonly string[]): string {
  const how = end.kind === 'oversized' ? OVERSIZED : `${end.status} ${end.code}`;
  return `${how} ${versions.join(',')}`;
}

/** Parses an end without its versions. */
export function parseLoadEnd(text: string): LoadEnd {
  if (text === OVERSIZED) return { kind: 'oversized' };
  const [status, code = ''] = text.split(' ');
  return { kind: 'failed', ...checkedSummary({ status: Number(status), code }) };
}

/**
 * Returns the status and code of an error if both have their form, else {@link UNKNOWN}. A code is in capital letters,
 * so that no message or secret crosses isolates as a code.
 */
export function checkedSummary(error: unknown): ErrorSummary {
  const { status, code } = (typeof error === 'object' && error !== null ? error : {}) as Partial<ErrorSummary>;
  const hasStatus = typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;
  const hasCode = typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code);
  return { status: hasStatus ? status : UNKNOWN.status, code: hasCode ? code : UNKNOWN.code };
}
