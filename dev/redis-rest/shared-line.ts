/**
 * Refuses commands that change the state of the shared connection, or that block it, because such a command would
 * affect the other callers too. Upstash refuses these commands over HTTP for the same reason.
 */
import { PAGE } from './not-there.ts';
import type { Command } from './request.ts';

const CONNECTION_STATE = [
  ...['AUTH', 'HELLO', 'SELECT', 'RESET', 'QUIT', 'CLIENT', 'ASKING', 'READONLY', 'READWRITE'],
  ...['MULTI', 'EXEC', 'DISCARD', 'WATCH', 'UNWATCH'],
  ...['SUBSCRIBE', 'UNSUBSCRIBE', 'PSUBSCRIBE', 'PUNSUBSCRIBE', 'SSUBSCRIBE', 'SUNSUBSCRIBE', 'MONITOR'],
  ...['SYNC', 'PSYNC', 'REPLCONF', 'SHUTDOWN', 'DEBUG'],
];
const BLOCKING = ['BLPOP', 'BRPOP', 'BLMOVE', 'BLMPOP', 'BRPOPLPUSH', 'BZPOPMIN', 'BZPOPMAX', 'BZMPOP'];
const REFUSED = new Set([...CONNECTION_STATE, ...BLOCKING]);
const READS_THAT_MAY_BLOCK = new Set(['XREAD', 'XREADGROUP']);

/** Returns the Redis error text for a refused command; undefined for an allowed command. */
export function refusalOf([name, ...args]: Command): string | undefined {
  const upper = name.toUpperCase();
  if (REFUSED.has(upper)) return `ERR Command is not available: '${upper}' over HTTP, see ${PAGE}`;
  if (READS_THAT_MAY_BLOCK.has(upper) && blocks(args)) {
    return `ERR Command is not available: '${upper}' with BLOCK over HTTP, see ${PAGE}`;
  }
  return undefined;
}

/** Checks for the option `BLOCK`. After `STREAMS`, the word `BLOCK` is the name of a stream. */
function blocks(args: readonly (string | Buffer)[]): boolean {
  const words = args.map((arg) => arg.toString().toUpperCase());
  const streams = words.indexOf('STREAMS');
  return words.slice(0, streams === -1 ? words.length : streams).includes('BLOCK');
}
