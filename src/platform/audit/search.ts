/** The search of the audit trail, in pages. Ids sort by time, so a range of days is a range of ids. */
import type { z } from '@hono/zod-openapi';
import { encodeTime } from 'ulid';
import { type Page, toPage } from '../rest/index.ts';
import type { SqlStore } from '../sql/index.ts';
import { type AuditEntry, searchEntries } from './entries-table.ts';
import type { entryQuerySchema } from './schema.ts';

const DAY_MS = 86_400_000;
/** The number of characters of a ULID that are its time. */
const TIME_LENGTH = 10;

/** Returns a page of the entries that match, the newest first. 1 statement. */
export async function searchTrail(
  store: SqlStore,
  tenant: string,
  { limit, cursor, from, to, ...filters }: z.output<typeof entryQuerySchema>,
): Promise<Page<AuditEntry>> {
  const end = to === undefined ? undefined : firstIdOf(Date.parse(to) + DAY_MS);
  const bounds = [cursor, end].filter((id) => id !== undefined).sort();
  const range = { firstId: from === undefined ? undefined : firstIdOf(Date.parse(from)), beforeId: bounds[0] };
  const rows = await searchEntries(store, tenant, { ...filters, ...range }, limit + 1);
  return toPage(rows, limit, (entry) => entry);
}

/** Returns a text that sorts before the ids of entries from the time `at` on, in ms, and after all earlier ids. */
function firstIdOf(at: number): string {
  return `audit_${encodeTime(Math.max(0, at), TIME_LENGTH)}`;
}
