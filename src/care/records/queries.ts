/** The cached values of records. They are sealed, live shortly, and are never served stale or from memory. */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import type { TransactionClient } from '../../platform/db/index.ts';
import { type DataContext, idSchema } from '../../platform/http/index.ts';
import { type Page, pageWindow, toPage } from '../../platform/rest/index.ts';
import { openColumn, type Sealing } from '../sealing/columns.ts';
import { careTags } from '../tags.ts';
import type { ListedRecord, MedicalRecord } from './schema.ts';

const sealed = { ttl: '1m', sealed: true } as const;
const LISTED = { id: true, kind: true, recordClass: true, authorId: true, version: true, recordedAt: true } as const;

/** A page of a patient's records, the newest first, with those that a caller may not see. */
export const recordPage = query('care.records', {
  ...sealed,
  args: z.strictObject({ patientId: idSchema, limit: z.int(), cursor: idSchema.optional() }),
  tags: ({ patientId }: { patientId: string; limit: number; cursor?: string | undefined }) => [
    careTags.records(patientId),
  ],
  load: async ({ patientId, limit, cursor }, { tenant, db }: DataContext): Promise<Page<ListedRecord>> => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const where = { tenantId: tenant, patientId, ...beforeCursor };
    const rows = await (await db()).medicalRecord.findMany({ where, take, orderBy, select: LISTED });
    return toPage(rows, limit, ({ recordedAt, ...row }) => ({ ...row, recordedAt: recordedAt.toISOString() }));
  },
});

/** A record with all its versions; `null` if the patient has no such record. */
export const recordById = query('care.record', {
  ...sealed,
  args: z.strictObject({ patientId: idSchema, id: idSchema }),
  tags: ({ patientId, id }: { patientId: string; id: string }) => [careTags.records(patientId), careTags.record(id)],
  load: async ({ patientId, id }, context: DataContext): Promise<MedicalRecord | null> =>
    (await loadRecords(context, await context.db(), patientId, [id]))[0] ?? null,
});

/** Loads records of a patient with all their versions, the newest record first. */
export async function loadRecords(
  services: Sealing,
  db: Pick<TransactionClient, 'medicalRecord'>,
  patientId: string,
  ids: readonly string[],
): Promise<MedicalRecord[]> {
  const rows = await db.medicalRecord.findMany({
    where: { tenantId: services.tenant, patientId, id: { in: [...ids] } },
    select: { ...LISTED, orderedBy: true, versions: { orderBy: { version: 'desc' } } },
    orderBy: { id: 'desc' },
  });
  return Promise.all(
    rows.map(async (row) => ({
      ...row,
      patientId,
      recordedAt: row.recordedAt.toISOString(),
      versions: await Promise.all(row.versions.map((version) => openVersion(services, row.id, version))),
    })),
  );
}

interface VersionRow {
  version: number;
  authorId: string;
  sealedBody: string;
  createdAt: Date;
}

async function openVersion(services: Sealing, id: string, { version, authorId, sealedBody, createdAt }: VersionRow) {
  const text = await openColumn(services, 'medical_record_versions.sealed_body', `${id}/${version}`, sealedBody);
  return { version, text, authorId, at: createdAt.toISOString() };
}

/** Returns whether a user wrote a version of a record. */
export function isAuthor({ versions }: Pick<MedicalRecord, 'versions'>, userId: string): boolean {
  return versions.some(({ authorId }) => authorId === userId);
}
