/**
 * The order within a key. A group remembers the version of the last event of each key, so an event that comes twice is
 * dropped, and an event that comes too early waits for the missing ones, which are read from SQL. Neither the order of
 * publication nor a failover of Redis matters then.
 */
import { type EventReader, LARGEST_PAGE, readStored, type StoredEvent } from '../events/index.ts';
import type { GroupName } from './group.ts';

/** The group whose versions are read. Groups that are no projections have generation 0. */
export interface VersionsOf extends GroupName {
  generation: number;
}

/** Locks and reads the versions of keys, in a transaction. 2 statements. */
export async function lockVersions(
  reader: EventReader,
  group: VersionsOf,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const sorted = [...new Set(keys)].sort();
  await reader.query(ADD, [...placeOf(group), sorted]);
  return toMap(await reader.query<VersionRow>(`${READ} ORDER BY key FOR UPDATE`, [...placeOf(group), sorted]));
}

/** Reads the versions of keys. 1 statement. */
export async function readVersions(
  reader: EventReader,
  group: VersionsOf,
  keys: readonly string[],
): Promise<Map<string, number>> {
  return toMap(await reader.query<VersionRow>(READ, [...placeOf(group), [...new Set(keys)]]));
}

/** Writes versions. A version never goes back. 1 statement. */
export async function writeVersions(
  reader: EventReader,
  group: VersionsOf,
  versions: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = [...versions].sort(([one], [two]) => (one < two ? -1 : 1)).map(([key, version]) => ({ key, version }));
  await reader.query(WRITE, [...placeOf(group), JSON.stringify(rows)]);
}

interface VersionRow {
  key: string;
  version: number;
}

const WHERE = 'tenant_id = $1 AND stream = $2 AND name = $3 AND generation = $4::int';
const READ = `SELECT key, version FROM projection_versions WHERE ${WHERE} AND key = ANY($5::text[])`;
const ADD = `
  INSERT INTO projection_versions (tenant_id, stream, name, generation, key, version)
  SELECT $1, $2, $3, $4::int, key, 0 FROM unnest($5::text[]) AS key ON CONFLICT DO NOTHING`;
const WRITE = `
  INSERT INTO projection_versions AS v (tenant_id, stream, name, generation, key, version)
  SELECT $1, $2, $3, $4::int, row.key, row.version FROM jsonb_to_recordset($5::jsonb) AS row (key text, version int)
  ON CONFLICT (tenant_id, stream, name, generation, key)
  DO UPDATE SET version = greatest(v.version, excluded.version)`;

function placeOf({ tenant, stream, name, generation }: VersionsOf) {
  return [tenant, stream, name, generation] as const;
}

function toMap(rows: readonly VersionRow[]): Map<string, number> {
  return new Map(rows.map(({ key, version }) => [key, version]));
}

/**
 * Returns the events to handle, in order: without the events that are handled, and with the missing ones. Moves
 * `versions` forward. 1 statement for each 1,000 missing events of a key.
 */
export async function inOrder(
  reader: EventReader,
  stream: string,
  versions: Map<string, number>,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const ordered: StoredEvent[] = [];
  for (const event of events) {
    const { key, version } = event;
    let reached = versions.get(key) ?? 0;
    while (reached < version - 1) {
      const range = { after: reached, to: version - 1, limit: LARGEST_PAGE };
      const missing = await readStored(reader, stream, key, range);
      const last = missing.at(-1);
      if (!last) break;
      ordered.push(...missing);
      reached = last.version;
    }
    if (reached < version) ordered.push(event);
    versions.set(key, Math.max(reached, version));
  }
  return ordered;
}
