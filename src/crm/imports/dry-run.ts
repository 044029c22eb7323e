/**
 * The dry run of an import: shows how the file would be read, and how its first rows would be imported. Nothing is
 * stored.
 */
import type { TenantScope } from '../../platform/http/index.ts';
import type { System } from '../../platform/system.ts';
import { columnsOf } from './answer.ts';
import { decideRows } from './decide.ts';
import { kinds } from './kinds/index.ts';
import { goodRows } from './kinds/rows.ts';
import { planWithMapping } from './mapping.ts';
import { customFieldsOf, RowReader, readRow } from './read/index.ts';
import type { FileOptions, ImportKind } from './read/plan.ts';
import { reasonsOf } from './rejection.ts';
import { type ImportPlanAnswer, ROWS_SHOWN } from './schema.ts';

/**
 * Returns the plan of a file, which may be only the beginning of a larger file.
 * @throws {CsvError} if the file cannot be read.
 */
export async function dryRun<Kind extends ImportKind>(
  { tenant, db }: Pick<TenantScope, 'tenant' | 'db'>,
  system: System,
  head: Uint8Array,
  options: FileOptions<Kind>,
  createCompanies: boolean,
): Promise<ImportPlanAnswer> {
  const source = { tenant, db: await db() };
  const { plan, mappedBy } = await planWithMapping(source, head, options);
  const reader = new RowReader(plan);
  const rows = reader.push(head);
  if (rows.length < ROWS_SHOWN) rows.push(...reader.end());
  const read = rows.slice(0, ROWS_SHOWN).map((row) => readRow(row, plan));
  const rowId = (prefix: string) => system.rowId(prefix);
  const decideOptions = { createCompanies, rowId, now: system.now(), fields: customFieldsOf(plan), lock: false };
  const { decisions } = await decideRows(kinds[options.kind], source, goodRows(read), decideOptions);
  const byRow = new Map(decisions.map((decision) => [decision.row, decision]));
  const { encoding, separator, headerRow, system: writer, language, questions } = plan;
  return {
    ...{ encoding, separator, headerRow, system: writer, language, mappedBy },
    columns: columnsOf(plan),
    questions,
    rows: read.map((one) => {
      const decision = byRow.get(one.row);
      const record = decision?.record ?? null;
      const changes = Object.entries(decision?.changes ?? {}).map(([field, from]) => {
        return [field, { from, to: record?.[field] ?? null }] as const;
      });
      return {
        ...{ row: one.row, outcome: decision?.outcome ?? 'rejected', record },
        ...{ changes: Object.fromEntries(changes), rejections: reasonsOf(one, decision) },
      };
    }),
  };
}
