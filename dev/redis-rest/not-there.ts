/**
 * What this server refuses although Upstash has it names the page that lists it, because a message such as `syntax error`
 * sends its reader looking for a mistake of their own.
 */
import { ErrorReply } from '@redis/client';
import type { Command } from './request.ts';

/** The page that lists what the local Redis lacks. */
export const PAGE = 'docs/local-redis.md';

const UNKNOWN = /unknown (?:sub)?command|Unknown Redis command/;

/** Options of newer Redis versions, to which the engine answers as to any word in a wrong place. */
const OPTIONS: Record<string, readonly string[]> = {
  SET: ['IFEQ', 'IFNE', 'IFDEQ', 'IFDNE'],
  BITOP: ['DIFF', 'DIFF1', 'ANDOR', 'ONE'],
  XADD: ['KEEPREF', 'DELREF', 'ACKED'],
  XTRIM: ['KEEPREF', 'DELREF', 'ACKED'],
  XREADGROUP: ['CLAIM'],
};

/** Adds the page to an error reply that says that a command or an option is not there. */
export function namingPage([name, ...args]: Command, error: ErrorReply): ErrorReply {
  const options = OPTIONS[name.toUpperCase()] ?? [];
  const option = args.map((word) => word.toString().toUpperCase()).find((word) => options.includes(word));
  if (option === undefined && !UNKNOWN.test(error.message)) return error;
  const subject = option ?? 'it';
  const message = error.message.trim().replace(/[.:]+$/, '');
  return new ErrorReply(`${message}. The local Redis does not have ${subject}: ${PAGE} lists what is missing`);
}
