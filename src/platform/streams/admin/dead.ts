/** The dead events of a group, in pages, and the request to handle them again. Each function sends 1 statement. */
import type { Transaction } from '../../outbox/index.ts';
import type { SqlStore } from '../../sql/index.ts';
import type { GroupName } from '../group.ts';

/** A dead event, without its data. */
export interface DeadListing {
  key: string;
  version: number;
  type: string;
  /** The code or the name of the error, or `KEY_HELD` behind another dead event of the key. */
  reason: string;
  /** ISO 8601. */
  diedAt: string;
  /** Whether the event waits for another attempt. */
  replay: boolean;
}

/** Reads dead events in the order of keys and versions, after the given one. */
export function listDead(
  store: SqlStore,
  { tenant, stream, name }: GroupName,
  { after, limit }: { after: { key: string; version: number }; limit: number },
): Promise<DeadListing[]> {
  return store.query<DeadListing>(LIST, [tenant, stream, name, after.key, after.version, limit]);
}

const LIST = `
  SELECT d.key, d.version, e.type, d.reason, d.replay,
    to_char(d.died_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "diedAt"
  FROM dead_events d
  JOIN events e ON e.tenant_id = d.tenant_id AND e.stream = d.stream AND e.key = d.key AND e.version = d.version
  WHERE d.tenant_id = $1 AND d.stream = $2 AND d.name = $3 AND (d.key, d.version) > ($4::text, $5::int)
  ORDER BY d.key, d.version LIMIT $6::int`;

/** Asks for another attempt at all dead events, or at the dead events of one key. Returns their number. */
export async function askForReplay(
  { query }: Pick<Transaction, 'query'>,
  { tenant, stream, name }: GroupName,
  key: string | null,
): Promise<number> {
  const [row] = await query<{ count: number }>(ASK, [tenant, stream, name, key]);
  return row?.count ?? 0;
}

const ASK = `
  WITH asked AS (
    UPDATE dead_events SET replay = true
    WHERE tenant_id = $1 AND stream = $2 AND name = $3 AND ($4::text IS NULL OR key = $4::text) RETURNING 1
  )
  SELECT count(*)::int AS count FROM asked`;
