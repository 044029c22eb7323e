/**
 * The commands that only read. Only these commands may be retried: after a lost answer it is unknown whether the
 * command ran, and a second run of `INCR`, `SET NX` or a script may have another effect than one run.
 */
const READS = new Set(
  (
    'GET MGET STRLEN GETRANGE EXISTS TTL PTTL EXPIRETIME PEXPIRETIME TYPE SCAN DBSIZE HGET HMGET HGETALL HEXISTS HKEYS ' +
    'HVALS HLEN HSCAN HTTL HPTTL LRANGE LLEN LINDEX SMEMBERS SISMEMBER SMISMEMBER SCARD SSCAN ZRANGE ZRANGEBYSCORE ' +
    'ZSCORE ZMSCORE ZCARD ZCOUNT ZRANK ZSCAN XRANGE XREVRANGE XLEN XINFO XPENDING PFCOUNT EVAL_RO EVALSHA_RO PING TIME INFO'
  ).split(' '),
);

/** Returns whether a command only reads. The name may be in any case; an unknown command counts as a write. */
export function isRead(name: string): boolean {
  return READS.has(name.toUpperCase());
}
