/** The generations of a projection, in the row of its group. Each function sends 1 statement. */
import type { EventReader, Position } from '../events/index.ts';
import type { GroupName } from './group.ts';

/**
 * Returns the generation that readers see, and locks it against a switch (`SHARE`) or against writes (`UPDATE`) until
 * the transaction ends.
 */
export async function lockGeneration(
  tx: EventReader,
  { tenant, stream, name }: GroupName,
  mode: 'SHARE' | 'UPDATE',
): Promise<number> {
  const [row] = await tx.query<{ generation: number }>(`${READ} FOR ${mode}`, [tenant, stream, name]);
  return row?.generation ?? 1;
}

/** Returns the generation that readers see. */
export async function readGeneration(reader: EventReader, stream: string, name: string): Promise<number> {
  const [row] = await reader.query<{ generation: number }>(READ, [reader.tenant, stream, name]);
  return row?.generation ?? 1;
}

const WHERE = 'tenant_id = $1 AND stream = $2 AND name = $3';
const READ = `SELECT generation FROM stream_groups WHERE ${WHERE}`;

/** A generation that is being built, and the place up to which it is. */
export interface Building extends Position {
  building: number;
}

/** Begins the next generation, or goes on with the one that is being built. */
export async function beginGeneration(reader: EventReader, { tenant, stream, name }: GroupName): Promise<Building> {
  const [row] = await reader.query<Building>(BEGIN, [tenant, stream, name]);
  if (!row) throw new Error(`Projection ${name} of stream ${stream} has no row`);
  return row;
}

const BEGIN = `
  UPDATE stream_groups SET building = coalesce(building, generation + 1),
    built_xid = CASE WHEN building IS NULL THEN '0'::xid8 ELSE built_xid END,
    built_position = CASE WHEN building IS NULL THEN 0 ELSE built_position END
  WHERE ${WHERE}
  RETURNING building, built_xid::text AS xid, built_position::text AS position`;

/** Records the place up to which the next generation is built. */
export async function reachBuilt(
  tx: EventReader,
  { tenant, stream, name }: GroupName,
  { building, xid, position }: Building,
): Promise<void> {
  await tx.query(REACH_BUILT, [tenant, stream, name, building, xid, position]);
}

const REACH_BUILT = `
  UPDATE stream_groups SET built_xid = $5::text::xid8, built_position = $6::text::bigint
  WHERE ${WHERE} AND building = $4::int`;

/** Returns the keys in which a generation is behind another, with the version of the other. */
export function keysBehind(
  tx: EventReader,
  { tenant, stream, name }: GroupName,
  { behind, ahead, limit }: { behind: number; ahead: number; limit: number },
): Promise<{ key: string; version: number }[]> {
  return tx.query(KEYS_BEHIND, [tenant, stream, name, behind, ahead, limit]);
}

const KEYS_BEHIND = `
  SELECT ahead.key, ahead.version FROM projection_versions ahead
  LEFT JOIN projection_versions behind ON behind.tenant_id = ahead.tenant_id AND behind.stream = ahead.stream
    AND behind.name = ahead.name AND behind.generation = $4::int AND behind.key = ahead.key
  WHERE ahead.tenant_id = $1 AND ahead.stream = $2 AND ahead.name = $3 AND ahead.generation = $5::int
    AND ahead.version > coalesce(behind.version, 0)
  ORDER BY ahead.key LIMIT $6::int`;

/** Makes the built generation the one that readers see. */
export async function switchTo(
  tx: EventReader,
  { tenant, stream, name }: GroupName,
  building: number,
  declared: number,
): Promise<void> {
  await tx.query(SWITCH, [tenant, stream, name, building, declared]);
}

const SWITCH = `
  UPDATE stream_groups SET generation = $4::int, declared = $5::int, building = NULL
  WHERE ${WHERE} AND building = $4::int`;

/** Requests another attempt at the dead events that a generation has. */
export async function replayBuilt(tx: EventReader, { tenant, stream, name }: GroupName, built: number): Promise<void> {
  await tx.query(REPLAY_BUILT, [tenant, stream, name, built]);
}

const REPLAY_BUILT = `
  UPDATE dead_events d SET replay = true FROM projection_versions v
  WHERE d.tenant_id = $1 AND d.stream = $2 AND d.name = $3 AND v.tenant_id = d.tenant_id AND v.stream = d.stream
    AND v.name = d.name AND v.generation = $4::int AND v.key = d.key AND v.version >= d.version`;

/** Forgets the versions of older generations. */
export async function forgetVersions(
  tx: EventReader,
  { tenant, stream, name }: GroupName,
  generation: number,
): Promise<void> {
  await tx.query(`DELETE FROM projection_versions WHERE ${WHERE} AND generation < $4::int`, [
    ...[tenant, stream, name],
    generation,
  ]);
}
