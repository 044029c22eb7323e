/**
 * Adds a reference to a page to errors about features that Upstash has and this server lacks. Without the reference, a
 * message such as `syntax error` would make developers search for a mistake in their own code.
 */
import { ErrorReply } from '@redis/client';
import type { Command } from './request.ts';

/** The page that lists the gaps of the local Redis. */
export const PAGE = 'docs/local-redis.md';

const UNKNOWN = /unknown (?:sub)?command|Unknown Redis command/;

/** Options of newer Redis versions, for which the engine reports a syntax error. */
const OPTIONS: Record<string, readonly string[]> = {
  SET: ['IFEQ', 'IFNE', 'IFDEQ', 'IFDNE'],
  BITOP: ['DIFF', 'DIFF1', 'ANDOR', 'ONE'],
  XADD: ['KEEPREF', 'DELREF', 'ACKED'],
  XTRIM: ['KEEPREF', 'DELREF', 'ACKED'],
  XREADGROUP: ['CLAIM'],
};

/** Adds the page to an error reply about a missing command or option, and returns other errors unchanged. */
export function namingPage([name, ...args]: Command, error: ErrorReply): ErrorReply {
  const options = OPTIONS[name.toUpperCase()] ?? [];
  const option = args.map((word) => word.toString().toUpperCase()).find((word) => options.includes(word));
  if (option === undefined && !UNKNOWN.test(error.message)) return error;
  const subject = option ?? 'it';
  const message = error.message.trim().replace(/[.:]+$/, '');
  return new ErrorReply(`${message}. The local Redis does not have ${subject}: ${PAGE} lists the missing features`);
}
