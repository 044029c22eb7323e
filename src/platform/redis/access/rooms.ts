/**
 * The Redis commands and the key families of each room. The app's user of Redis gets exactly these commands; see
 * `user.ts`. A test compares this table with the calls and the scripts in the code of each room.
 */
import type { Family } from '../keys.ts';

/** The access of one room. */
export interface RoomAccess {
  /** The families whose keys the room builds. */
  readonly families: readonly Family[];
  /** The commands that the room sends, and those in its scripts, in upper case. */
  readonly commands: readonly string[];
}

function access(families: readonly Family[], commands: string): RoomAccess {
  return { families, commands: commands.split(' ') };
}

/** The access of each room that uses Redis, by the name of its directory in `src/platform`. */
export const rooms: Readonly<Record<string, RoomAccess>> = {
  alerts: access([], 'INFO'),
  cache: access(
    ['entry', 'era', 'guard', 'item', 'journal', 'lease', 'pending', 'pressure', 'seen', 'trace'],
    'BITFIELD_RO BITOP DECRBY DEL EVAL EVALSHA EXISTS GET GETRANGE INCRBY INFO MGET PEXPIRE PTTL ' +
      'SCAN SET SETBIT SETRANGE STRLEN TIME UNLINK XADD XDEL XLEN XRANGE',
  ),
  channels: access(['channel'], 'PUBLISH'),
  codes: access(['challenge', 'codeDay'], 'EVAL EVALSHA EXISTS HDEL HGET HINCRBY HSET PEXPIRE TIME'),
  counters: access(['counters', 'flush'], 'EVAL EVALSHA GET HDEL HGET HGETALL HINCRBY HSET PEXPIRE SET'),
  documents: access(
    ['document', 'documentNames'],
    'DEL EVAL EVALSHA GET HDEL HGET HGETALL HSET PEXPIRE SET TIME ZADD ZCARD ZRANGE ZREM ' + 'ZREMRANGEBYSCORE',
  ),
  feeds: access(
    ['feed', 'feedNote', 'room'],
    'EVAL EVALSHA EXISTS HMGET HVALS PEXPIRE PEXPIREAT PUBLISH SET TIME XADD XRANGE XREVRANGE ZADD ' +
      'ZCARD ZRANGE ZRANGEBYSCORE ZREM ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE ZSCORE',
  ),
  http: access([], 'EVAL EVALSHA'),
  jobs: access(
    ['job', 'jobBatch', 'jobIndex', 'jobResult', 'jobSteps', 'jobUnique', 'jobWatch', 'schedule'],
    'DEL EVAL EVALSHA GET HDEL HGET HGETALL HINCRBY HMGET HSET HSETNX PEXPIRE PTTL SADD SCARD SET ' +
      'TIME ZADD ZCARD ZCOUNT ZRANGE ZRANGEBYSCORE ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ' +
      'ZREVRANGEBYSCORE',
  ),
  limits: access(['limit'], 'DECRBY DEL EVAL EVALSHA GET HMGET HSET INCRBY PEXPIRE'),
  locks: access(['fence', 'lock', 'once'], 'DEL EVAL EVALSHA GET PEXPIRE PTTL SET TIME'),
  observe: access(['figures'], 'DBSIZE INFO MEMORY PING SCAN SET'),
  outbound: access(['circuit'], 'EVAL EVALSHA HDEL HMGET HSET PEXPIRE TIME'),
  'read-log': access(['readLog', 'readLogs'], 'DEL EVAL EVALSHA SADD SMEMBERS SREM XADD XDEL XLEN XRANGE'),
  redis: access(['canary', 'version'], 'EVAL EVALSHA EXISTS GET SET SUBSCRIBE'),
  sessions: access(
    ['epoch', 'sessions'],
    'DEL EVAL EVALSHA GET HDEL HEXISTS HGET HGETALL HMGET HSET MGET PEXPIRE PTTL SCAN SET UNLINK',
  ),
  streams: access(
    ['stream', 'streamRecent', 'streamState', 'streamWatch'],
    'EVAL EVALSHA EXISTS HDEL HEXISTS HGET HSET PEXPIRE TIME XACK XADD XAUTOCLAIM XCLAIM XGROUP ' +
      'XINFO XLEN XPENDING XRANGE XREADGROUP XREVRANGE XTRIM ZADD ZCOUNT ZRANGEBYSCORE ZREM ' +
      'ZREMRANGEBYSCORE ZSCORE',
  ),
  usage: access(
    ['usageBits', 'usagePlaces', 'usageScratch', 'usageUsers', 'usageZone'],
    'BITCOUNT BITOP DEL EVAL EVALSHA GET GETBIT HGET HINCRBY HSET HSETNX PEXPIRE PFADD PFCOUNT SET ' + 'SETBIT',
  ),
};
