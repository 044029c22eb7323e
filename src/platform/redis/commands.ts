/**
 * The commands that only read. Only these may be sent twice: when an answer is lost, it is unknown whether the command
 * ran, and running `INCR`, `SET NX` or a script twice is not the same as running it once.
 */
const READS = new Set(
  (
    'GET MGET STRLEN GETRANGE EXISTS TTL PTTL EXPIRETIME PEXPIRETIME TYPE SCAN DBSIZE HGET HMGET HGETALL HEXISTS HKEYS ' +
    'HVALS HLEN HSCAN HTTL HPTTL LRANGE LLEN LINDEX SMEMBERS SISMEMBER SMISMEMBER SCARD SSCAN ZRANGE ZRANGEBYSCORE ' +
    'ZSCORE ZMSCORE ZCARD ZCOUNT ZRANK ZSCAN XRANGE XREVRANGE XLEN XINFO XPENDING PFCOUNT EVAL_RO EVALSHA_RO PING TIME INFO'
  ).split(' '),
);

/** Whether a command (its name in any case) only reads. Unknown commands count as writes. */
export function isRead(name: string): boolean {
  return READS.has(name.toUpperCase());
}
