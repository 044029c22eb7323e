/**
 * The writes to definitions of custom fields. They change no row: a renamed key shows the same values, and the values of
 * a deleted field are not shown any more. So a write ends every cached value that shows rows of the kind.
 */
import type { Transaction } from '../../platform/db/index.ts';
import { lockRow } from '../../platform/db/index.ts';
import { invalidField, notFound, ProblemError, type TenantScope } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { isRequired } from '../../platform/rest/index.ts';
import { fieldTags } from '../tags.ts';
import type { FieldKind } from './field.ts';
import { purgeField } from './purge.ts';
import { type FieldRow, toField } from './queries.ts';
import { type FieldChanges, type FieldItem, MOST_FIELDS, type NewField } from './schema.ts';

/** The kind of these rows in conditions of callers, in ids and in the audit trail. */
export const FIELD = 'field';

/**
 * Adds a definition.
 * @throws {ProblemError} 400 if only one of a choice and its options is given; 409 if the kind has too many fields.
 * @throws {DatabaseError} `DB_UNIQUE` if the key is taken.
 */
export function createField(tenant: TenantScope, { options = [], ...field }: NewField): Promise<FieldItem> {
  requireOptions(field.type, options.length > 0);
  return tenant.commit(async (tx) => {
    // The lock makes writers who add fields wait for each other, so that none of them counts too few.
    await tx.db.$executeRaw`SELECT 1 FROM tenants WHERE id = ${tx.tenant} FOR NO KEY UPDATE`;
    if ((await tx.db.customField.count({ where: { tenantId: tx.tenant, kind: field.kind } })) >= MOST_FIELDS) {
      throw new ProblemError(409, 'TOO_MANY_FIELDS', `There are already ${MOST_FIELDS} custom fields of this kind`);
    }
    const createdAt = new Date(tx.system.now());
    const data = { ...field, options: [...options], tenantId: tx.tenant, id: tx.system.rowId(FIELD), createdAt };
    return recorded(tx, 'created', await tx.db.customField.create({ data }));
  });
}

/**
 * Changes a definition: its key, its name, or the options of a choice. Rows keep values of options that are gone, and no
 * write accepts such an option any more.
 * @throws {ProblemError} 404 if the field does not exist; 400 for options of a field that is no choice.
 */
export function updateField(
  tenant: TenantScope,
  id: string,
  { options, ...changes }: FieldChanges,
): Promise<FieldItem> {
  return tenant.commit(async (tx) => {
    const { type } = await lockField(tx, id);
    if (options) requireOptions(type, true);
    const data = { ...changes, ...(options ? { options: [...options] } : {}) };
    return recorded(tx, 'updated', await tx.db.customField.update({ where: keyOf(tx, id), data }));
  });
}

/**
 * Deletes a definition. Its values are not shown any more, and a later field with the same key does not have them. A job
 * removes them from the rows.
 * @throws {ProblemError} 404 if the field does not exist.
 */
export function deleteField(tenant: TenantScope, id: string): Promise<void> {
  return tenant.commit(async (tx) => {
    await lockField(tx, id);
    const { kind } = await recorded(tx, 'deleted', await tx.db.customField.delete({ where: keyOf(tx, id) }));
    await enqueue(tx, purgeField, { kind, id });
  });
}

/** Locks and returns a definition, and checks the state that the caller requires. */
async function lockField(tx: Transaction, id: string): Promise<FieldRow> {
  if (!(await lockRow(tx.db, 'custom_fields', tx.tenant, id))) throw notFound(FIELD);
  const row = await tx.db.customField.findUniqueOrThrow({ where: keyOf(tx, id) });
  if (isRequired(tx.precondition, { kind: FIELD, id })) tx.precondition.check(toField(row));
  return row;
}

const keyOf = ({ tenant }: Transaction, id: string) => ({ tenantId_id: { tenantId: tenant, id } });

/** Adds the audit entry of a write, and ends the cached values that show the field. */
async function recorded(tx: Transaction, verb: 'created' | 'updated' | 'deleted', row: FieldRow): Promise<FieldItem> {
  const { kind, key, name, type, options } = toField(row);
  const data = { kind, key, name, type, options };
  await tx.audit({ action: `field.${verb}`, entity: { type: FIELD, id: row.id }, data });
  tx.invalidate(fieldTags.of(kind as FieldKind));
  return toField(row);
}

function requireOptions(type: string, hasOptions: boolean): void {
  if (type === 'choice' && !hasOptions) throw invalidField('options', 'is required for a choice');
  if (type !== 'choice' && hasOptions)
    throw invalidField('options', 'must be left out, because the field is no choice');
}
