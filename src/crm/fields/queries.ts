/** The cached definitions of custom fields. */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { fieldTags } from '../tags.ts';
import { type FieldKind, fieldKinds } from './field.ts';
import type { FieldItem } from './schema.ts';

export const fieldArgs = z.strictObject({ kind: z.enum(fieldKinds).optional() });

/** The columns of a definition. */
export interface FieldRow extends Omit<FieldItem, 'kind' | 'type' | 'createdAt' | 'updatedAt'> {
  kind: string;
  type: string;
  createdAt: Date;
  updatedAt: Date;
}

/** Converts a row to the form that is returned and cached. */
export function toField({ id, kind, key, name, type, options, createdAt, updatedAt }: FieldRow): FieldItem {
  return {
    id,
    kind: kind as FieldItem['kind'],
    key,
    name,
    type: type as FieldItem['type'],
    options,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** The definitions of a kind, or of all kinds, in the order of their creation. */
export const customFields = query('custom-fields', {
  args: fieldArgs,
  ttl: '1h',
  stale: '15m',
  tags: ({ kind }: { kind?: FieldKind | undefined }) => (kind ? [fieldTags.of(kind)] : fieldKinds.map(fieldTags.of)),
  load: async ({ kind }, { tenant, db }: DataContext): Promise<{ items: FieldItem[] }> => {
    const where = { tenantId: tenant, ...(kind ? { kind } : {}) };
    const rows = await (await db()).customField.findMany({ where, orderBy: { id: 'asc' } });
    return { items: rows.map(toField) };
  },
});
