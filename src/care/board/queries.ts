/**
 * The board of a department: the visits of today, in one cached value and one statement. It is sealed, because it has
 * names, and ends with each move, and at the end of the day in the time zone of the tenant.
 */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { openColumn } from '../sealing/columns.ts';
import { careTags } from '../tags.ts';
import type { Shown } from './schema.ts';

/** The most visits of a board. */
const MOST_SHOWN = 300;

/** The stored board: without the figures that grow with time. */
export interface StoredBoard {
  day: string;
  /** An IANA name. */
  timeZone: string;
  endsAt: number;
  items: Shown[];
}

interface Row extends Omit<Shown, 'name' | Times> {
  sealedName: string;
  times: Record<Times, number | null>;
}
type Times = 'startsAt' | 'arrivedAt' | 'roomedAt' | 'startedAt' | 'finishedAt' | 'endedAt';

/** The board of a department. 1 statement. */
export const boardOf = query('care.board', {
  ttl: '30s',
  sealed: true,
  args: z.strictObject({ department: z.string() }),
  tags: ({ department }: { department: string }) => [careTags.board(department)],
  until: ({ endsAt }: StoredBoard) => endsAt,
  load: async ({ department }, context: DataContext): Promise<StoredBoard> => {
    const { tenant, db, now } = context;
    const [found] = await (await db()).$queryRaw<(Omit<StoredBoard, 'items'> & { items: Row[] })[]>`
      WITH today AS (
        SELECT zone, date_trunc('day', ${new Date(now())}::timestamp AT TIME ZONE 'UTC' AT TIME ZONE zone) AS midnight
        FROM (SELECT coalesce(time_zone, 'UTC') AS zone FROM tenants WHERE id = ${tenant}) t
      ), span AS (
        SELECT to_char(midnight, 'YYYY-MM-DD') AS day, zone, midnight AT TIME ZONE zone AT TIME ZONE 'UTC' AS begins,
          (midnight + interval '1 day') AT TIME ZONE zone AT TIME ZONE 'UTC' AS ends
        FROM today
      ), shown AS (
        SELECT a.*, p.sealed_name, u.name AS clinician
        FROM span JOIN appointments a ON a.tenant_id = ${tenant} AND a.department = ${department}
          AND a.starts_at >= span.begins AND a.starts_at < span.ends
        JOIN patients p ON p.tenant_id = a.tenant_id AND p.id = a.patient_id
        JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.clinician_id
        ORDER BY a.starts_at, a.id LIMIT ${MOST_SHOWN}
      )
      SELECT day, zone AS "timeZone", extract(epoch FROM ends)::float8 * 1000 AS "endsAt", coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', id, 'patientId', patient_id, 'clinicianId', clinician_id,
          'clinician', clinician, 'ticket', ticket, 'status', status, 'sealedName', sealed_name,
          'times', jsonb_build_object('startsAt', extract(epoch FROM starts_at) * 1000,
            'arrivedAt', extract(epoch FROM arrived_at) * 1000, 'roomedAt', extract(epoch FROM roomed_at) * 1000,
            'startedAt', extract(epoch FROM started_at) * 1000, 'finishedAt', extract(epoch FROM finished_at) * 1000,
            'endedAt', extract(epoch FROM ended_at) * 1000)) ORDER BY starts_at, id)
        FROM shown), '[]') AS items
      FROM span`;
    if (!found) throw new TypeError('The tenant does not exist');
    return { ...found, items: await Promise.all(found.items.map((row) => toShown(context, row))) };
  },
});

async function toShown(context: DataContext, { sealedName, times, ...row }: Row): Promise<Shown> {
  const text = (time: number | null) => (time === null ? null : new Date(time).toISOString());
  return {
    ...row,
    name: await openColumn(context, 'patients.sealed_name', row.patientId, sealedName),
    ...{ startsAt: text(times.startsAt) ?? '', arrivedAt: text(times.arrivedAt), roomedAt: text(times.roomedAt) },
    ...{ startedAt: text(times.startedAt), finishedAt: text(times.finishedAt), endedAt: text(times.endedAt) },
  };
}

/** Returns the figures of a board at a time in ms since the epoch. */
export function figuresOf({ items }: Pick<StoredBoard, 'items'>, now: number) {
  const waits = items
    .filter(({ status }) => status === 'arrived')
    .map(({ arrivedAt }) => now - Date.parse(arrivedAt ?? ''));
  const ways = items.flatMap(({ arrivedAt, roomedAt }) =>
    arrivedAt !== null && roomedAt !== null ? [Date.parse(roomedAt) - Date.parse(arrivedAt)] : [],
  );
  return {
    waiting: waits.length,
    longestWaitMs: waits.length === 0 ? null : Math.max(0, ...waits),
    meanDoorToRoomMs: ways.length === 0 ? null : Math.round(ways.reduce((sum, way) => sum + way, 0) / ways.length),
  };
}
