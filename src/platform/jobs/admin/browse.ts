/** Pages of a tenant's jobs, merged from the lists of several names and states. */
import { indexKey, STATES, type State } from '../keys.ts';
import { type JobRecord, type RecordServices, readJob } from '../record.ts';

/** The jobs to show. `from` and `to` are times of the last change of state, in ms since the epoch. */
export interface Browsing {
  names: readonly string[];
  states?: readonly State[];
  /** Only jobs whose state changed at `from` or later, and before `to`. */
  from?: number | undefined;
  to?: number | undefined;
  limit: number;
  cursor?: Cursor | undefined;
}

/** The end of a page: the last job's time and id, and the number of shown jobs with the same time. */
export interface Cursor {
  at: number;
  shown: number;
  id: string;
}

/** A page of jobs, the latest change first. */
export interface JobPage {
  jobs: JobRecord[];
  next: Cursor | null;
}

interface Listed {
  id: string;
  at: number;
}

/** Reads a page. 2 requests: the first has 1 command for each name and state, the second 2 for each job. */
export async function browseJobs(services: RecordServices, tenant: string, browsing: Browsing): Promise<JobPage> {
  const { names, states = STATES, from, to, limit, cursor } = browsing;
  const above = from === undefined ? '-inf' : String(from);
  const below = to === undefined ? '+inf' : `(${to}`;
  // A list may contain all shown jobs with the cursor's time before its next job, so `wanted` includes their number.
  const wanted = String(limit + 1 + (cursor?.shown ?? 0));
  const lists = names.flatMap((name) => states.map((state) => indexKey(tenant, name, state)));
  const flats = await Promise.all(
    lists.map((list) =>
      services.redis.exec<string[]>([
        'ZREVRANGEBYSCORE',
        list,
        cursor ? String(cursor.at) : below,
        above,
        'WITHSCORES',
        'LIMIT',
        '0',
        wanted,
      ]),
    ),
  );
  const after = ({ at, id }: Listed) => !cursor || at < cursor.at || (at === cursor.at && id < cursor.id);
  const listed = flats.flatMap(toListed).filter(after).toSorted(latestFirst);
  const shown = listed.slice(0, limit);
  const records = await Promise.all(shown.map(({ id }) => readJob(services, tenant, id)));
  return {
    // Redis may have deleted a record whose id is still in the list.
    jobs: records.filter((record) => record !== null),
    next: listed.length > limit ? cursorAfter(shown, cursor) : null,
  };
}

function toListed(flat: readonly string[]): Listed[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => ({ id: flat[2 * at] ?? '', at: Number(flat[2 * at + 1]) }));
}

function latestFirst(one: Listed, two: Listed): number {
  return two.at - one.at || (one.id < two.id ? 1 : -1);
}

function cursorAfter(shown: readonly Listed[], before: Cursor | undefined): Cursor | null {
  const last = shown.at(-1);
  if (!last) return null;
  const same = shown.filter(({ at }) => at === last.at).length;
  return { ...last, shown: same + (before?.at === last.at ? before.shown : 0) };
}
