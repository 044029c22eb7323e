/** Commands and scripts by their names: the commands that only read, and the names under which calls are counted. */

/**
 * The commands that only read. Only these commands may be retried: after a lost answer it is unknown whether the
 * command ran, and a second run of `INCR`, `SET NX` or a script may have a different effect.
 */
const READS = new Set(
  (
    'GET MGET STRLEN GETRANGE BITFIELD_RO EXISTS TTL PTTL EXPIRETIME PEXPIRETIME TYPE SCAN DBSIZE HGET HMGET HGETALL HEXISTS HKEYS ' +
    'HVALS HLEN HSCAN HTTL HPTTL LRANGE LLEN LINDEX SMEMBERS SISMEMBER SMISMEMBER SCARD SSCAN ZRANGE ZRANGEBYSCORE ' +
    'ZSCORE ZMSCORE ZCARD ZCOUNT ZRANK ZSCAN XRANGE XREVRANGE XLEN XINFO XPENDING PFCOUNT EVAL_RO EVALSHA_RO PING TIME INFO'
  ).split(' '),
);

/** Returns whether a command only reads. The name may be in any case; an unknown command counts as a write. */
export function isRead(name: string): boolean {
  return READS.has(name.toUpperCase());
}

/** The names of scripts, by text and by digest. */
const scripts = new Map<string, string>();

/** Makes the calls of a script countable under its name. */
export function nameScript(name: string, { text, sha1 }: { text: string; sha1: string }): void {
  scripts.set(text, name);
  scripts.set(sha1, name);
}

/**
 * Returns the number of calls by name: `MGET`, or a script's name such as `lease.fill`. A name never contains an argument,
 * so that keys and values cannot reach a metric.
 */
export function callNames(commands: readonly (readonly unknown[])[]): Map<string, number> {
  const calls = new Map<string, number>();
  for (const [command, called] of commands) {
    const known = COUNTED.test(String(command)) ? String(command).toUpperCase() : 'other';
    const name = (SCRIPTED.has(known) && scripts.get(String(called))) || known;
    calls.set(name, (calls.get(name) ?? 0) + 1);
  }
  return calls;
}

const SCRIPTED = new Set(['EVAL', 'EVALSHA']);
/** The form of a command's name. A text of another form, which only a mistake sends, is not a label. */
const COUNTED = /^[a-z_]{1,20}$/i;
