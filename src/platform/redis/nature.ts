/**
 * The nature of each family of keys: why its values are in Redis, and so what an old value of it would do. Backups, the
 * local cloud's saved data and the drills choose their families by it. docs/recovery.md has the same table in words.
 */
import { type Family, families } from './keys.ts';

/**
 * - `cache`: a copy of what PostgreSQL has. An old copy would be served as the present.
 * - `lease`: a right that a running holder has now. An old one has no holder any more.
 * - `limit`: counts of short windows, and codes that can be used once.
 * - `session`: who is signed in. Redis alone has it.
 * - `journal`: acknowledged writes that PostgreSQL does not have yet.
 * - `log`: audited reads that PostgreSQL does not have yet. The drain of an old copy makes each entry once.
 * - `reader`: what readers see of the journal. An old value would hide newer rows.
 * - `document`: documents of one user that Redis alone has, and copies that their version guards.
 * - `once`: results of calls that must not run twice, and numbers that must not fall.
 * - `job`: records, results and steps of jobs.
 * - `queue`: which jobs and ticks are due. QStash has delivered some of them since an old state.
 * - `stream`: events on their way; PostgreSQL has them, or a lost one makes the reader read everything again.
 * - `statistic`: counts of the past.
 * - `server`: about this Redis itself.
 */
export type Nature = (typeof natures)[Family];

/** The nature of each family. */
export const natures = {
  entry: 'cache',
  version: 'cache',
  trace: 'cache',
  guard: 'cache',
  pressure: 'cache',
  seen: 'cache',
  item: 'cache',
  lease: 'lease',
  lock: 'lease',
  room: 'lease',
  limit: 'limit',
  circuit: 'limit',
  challenge: 'limit',
  codeDay: 'limit',
  sessions: 'session',
  epoch: 'session',
  journal: 'journal',
  readLog: 'log',
  readLogs: 'log',
  pending: 'reader',
  document: 'document',
  documentNames: 'document',
  once: 'once',
  fence: 'once',
  job: 'job',
  jobResult: 'job',
  jobSteps: 'job',
  jobBatch: 'job',
  jobUnique: 'queue',
  jobIndex: 'queue',
  jobWatch: 'queue',
  schedule: 'queue',
  feed: 'stream',
  feedNote: 'stream',
  stream: 'stream',
  streamState: 'stream',
  streamRecent: 'stream',
  streamWatch: 'stream',
  channel: 'stream',
  counters: 'statistic',
  flush: 'statistic',
  figures: 'statistic',
  usageZone: 'statistic',
  usagePlaces: 'statistic',
  usageUsers: 'statistic',
  usageBits: 'statistic',
  usageScratch: 'statistic',
  canary: 'server',
  era: 'server',
} as const satisfies Record<Family, string>;

const FAMILY_OF_CODE = new Map<string, Family>(
  Object.entries(families).map(([family, { code }]) => [code, family as Family]),
);

/** Returns the family of a key `hf:{tenant}:{code}:…`; `undefined` for a key that is not Holdfast's. */
export function familyOf(key: string): Family | undefined {
  const [prefix, , code = ''] = key.split(':', 3);
  return prefix === 'hf' ? FAMILY_OF_CODE.get(code) : undefined;
}

/** Returns the nature of a key's family; `undefined` for a key that is not Holdfast's. */
export function natureOf(key: string): Nature | undefined {
  const family = familyOf(key);
  return family && natures[family];
}
