/** Filters of lists by custom fields. Each finds its rows in the index of the table of values. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { type FieldProblem, invalidFields } from '../../platform/http/index.ts';
import { loadFields } from './custom.ts';
import { type FieldKind, ruleOf, valueOfText } from './field.ts';

/** A condition of Prisma: the row has a value. */
interface HasValue {
  values: { some: { tenantId: string; fieldId: string; value: string } };
}

/**
 * Returns the conditions of a filter. 1 statement if the filter names a custom field, else none.
 * @param given texts by the keys of fields.
 * @throws {ProblemError} 400 that names each unknown field and each wrong value as `custom.<key>`.
 */
export async function customConditions(
  client: Pick<PrismaClient, 'customField'>,
  tenant: string,
  kind: FieldKind,
  given: ReadonlyMap<string, string>,
): Promise<{ AND?: HasValue[] }> {
  if (given.size === 0) return {};
  const byKey = new Map((await loadFields(client, tenant, kind)).map((field) => [field.key, field]));
  const problems: FieldProblem[] = [];
  const conditions = [...given].flatMap(([key, text]): HasValue[] => {
    const field = byKey.get(key);
    const value = field && valueOfText(field, text);
    if (value !== undefined && field) {
      return [{ values: { some: { tenantId: tenant, fieldId: field.id, value: String(value) } } }];
    }
    problems.push({ field: `custom.${key}`, message: field ? ruleOf(field) : 'is not a known parameter' });
    return [];
  });
  if (problems.length > 0) throw invalidFields(problems);
  return { AND: conditions };
}
