/** Filters of lists by custom fields. Each finds its rows in the index of the table of values. */
import { z } from '@hono/zod-openapi';
import type { PrismaClient } from '../../platform/db/index.ts';
import { type FieldProblem, invalidFields } from '../../platform/http/index.ts';
import type { Condition } from '../../platform/search/index.ts';
import { loadFields } from './custom.ts';
import { type FieldKind, ruleOf, valueOfText } from './field.ts';

/** The values that a row must have, by the ids of their fields, so that a field may get another key in the meantime. */
export const askedValuesSchema = z.array(z.object({ fieldId: z.string(), value: z.string() }));
export type AskedValues = z.output<typeof askedValuesSchema>;

/** A condition of Prisma: the row has a value. */
interface HasValue {
  values: { some: { tenantId: string; fieldId: string; value: string } };
}

/**
 * Returns the values that a filter asks for. 1 statement if the filter names a custom field, else none.
 * @param given texts by the keys of fields.
 * @throws {ProblemError} 400 that names each unknown field and each wrong value as `custom.<key>`.
 */
export async function askedValues(
  client: Pick<PrismaClient, 'customField'>,
  tenant: string,
  kind: FieldKind,
  given: ReadonlyMap<string, string>,
): Promise<AskedValues> {
  if (given.size === 0) return [];
  const byKey = new Map((await loadFields(client, tenant, kind)).map((field) => [field.key, field]));
  const problems: FieldProblem[] = [];
  const asked = [...given].flatMap(([key, text]) => {
    const field = byKey.get(key);
    const value = field && valueOfText(field, text);
    if (value !== undefined && field) return [{ fieldId: field.id, value: String(value) }];
    problems.push({ field: `custom.${key}`, message: field ? ruleOf(field) : 'is not a known parameter' });
    return [];
  });
  if (problems.length > 0) throw invalidFields(problems);
  return asked;
}

/** Returns the condition that a row has the values. */
export function having(tenantId: string, asked: AskedValues): { AND?: HasValue[] } {
  return asked.length === 0 ? {} : { AND: asked.map((value) => ({ values: { some: { tenantId, ...value } } })) };
}

/** Returns the same condition for the search of a list. */
export function searchedHaving(kind: FieldKind, asked: AskedValues): Condition[] {
  return asked.map(
    ({ fieldId, value }) =>
      (bind) =>
        `EXISTS (SELECT FROM ${kind}_values AS had WHERE had.tenant_id = $1 AND had.row_id = entry.id
          AND had.field_id = ${bind(fieldId)} AND had.value = ${bind(value)})`,
  );
}
