/** All drills, in the order of docs/recovery.md. */
import type { Drill } from './drill.ts';
import { auditTampered } from './each/audit-tampered.ts';
import { clockSkew } from './each/clock-skew.ts';
import { keysRotated } from './each/keys-rotated.ts';
import { postgresDown } from './each/postgres-down.ts';
import { postgresRestored } from './each/postgres-restored.ts';
import { qstashDown } from './each/qstash-down.ts';
import { redisDown } from './each/redis-down.ts';
import { redisFull } from './each/redis-full.ts';
import { redisLost } from './each/redis-lost.ts';
import { redisMoved } from './each/redis-moved.ts';
import { redisRestoredOld } from './each/redis-restored-old.ts';
import { regionMoved } from './each/region-moved.ts';
import { tokenRotated } from './each/token-rotated.ts';

export const drills: readonly Drill[] = [
  redisLost,
  redisDown,
  redisFull,
  redisRestoredOld,
  redisMoved,
  postgresDown,
  postgresRestored,
  qstashDown,
  regionMoved,
  keysRotated,
  tokenRotated,
  auditTampered,
  clockSkew,
];
