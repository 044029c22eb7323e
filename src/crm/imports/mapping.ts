/**
 * The fields that callers give to columns, as query parameters or as JSON. The last choice of a tenant is remembered with
 * the names of the columns, and used for the next file with these columns.
 */
import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { PrismaClient } from '../../platform/db/index.ts';
import { invalidField } from '../../platform/http/index.ts';
import { CsvError } from '../../platform/rest/index.ts';
import { foldName } from './fold.ts';
import { planFile } from './read/index.ts';
import { type Field, type FileOptions, type FilePlan, fieldsOf, type ImportKind } from './read/plan.ts';

/** The field of each named column; `null` for a column that fills no field. */
export type Mapping = Readonly<Record<string, Field | null>>;

/** The name of the parameter for columns that fill no field. */
const UNUSED = 'unused';
/** The most remembered choices that are tried for a file without known columns. */
const MOST_TRIED = 20;

/** Returns the query parameters that map columns to the fields of a kind. */
export function mappingParameters(kind: ImportKind) {
  const column = z.string().trim().min(1).max(100);
  const columns = z.union([column, z.array(column)]);
  const fields = [...fieldsOf[kind], UNUSED];
  const named = fields.map((field) => {
    const use = field === UNUSED ? 'Columns that fill no field' : `The column of \`${field}\``;
    const description = `${use}, as the file writes it. May be given several times.`;
    return [`columns[${field}]`, columns.optional().openapi({ description, type: 'string' })] as const;
  });
  return {
    columns: z.string().max(20_000).optional().openapi({
      description: 'The same as JSON: an object with the fields, and the column or the list of columns of each field.',
      example: '{"email":"E-Mail-Adresse"}',
    }),
    ...Object.fromEntries(named),
  };
}

/**
 * Returns the mapping of a request's parameters; `undefined` if the request has none.
 * @throws {ProblemError} 400 if `columns` is not JSON of the described form.
 */
export function mappingOf(kind: ImportKind, search: Readonly<Record<string, unknown>>): Mapping | undefined {
  const said: [string, unknown][] = Object.entries(search).flatMap(([name, value]) => {
    const field = /^columns\[(\w+)\]$/.exec(name)?.[1];
    return field === undefined || value === undefined ? [] : [[field, value] satisfies [string, unknown]];
  });
  if (typeof search['columns'] === 'string') said.push(...entriesOf(kind, search['columns']));
  const mapping = said.flatMap(([field, columns]) =>
    [columns].flat().map((column) => [String(column), field === UNUSED ? null : (field as Field)] as const),
  );
  return mapping.length === 0 ? undefined : Object.fromEntries(mapping);
}

function entriesOf(kind: ImportKind, text: string): [string, unknown][] {
  const column = z.string().trim().min(1).max(100);
  const fields = z.enum([...fieldsOf[kind], UNUSED] as [string, ...string[]]);
  const schema = z.partialRecord(fields, z.union([column, z.array(column)]));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidField('columns', 'must be JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return Object.entries(parsed.data);
  throw invalidField('columns', `must be an object with the fields ${fieldsOf[kind].join(', ')} or ${UNUSED}`);
}

/** A plan, and the source of its mapping. */
export interface MappedPlan {
  plan: FilePlan;
  mapping: Mapping | undefined;
  /** Whether the mapping comes from this request or from an earlier one. */
  mappedBy: 'request' | 'earlier' | null;
}

/** The reader of remembered choices. */
interface Memory {
  db: Pick<PrismaClient, 'importMapping'>;
  tenant: string;
}

/**
 * Plans a file with the mapping of the request, or else with the remembered one. 1 statement without a mapping, none
 * with a mapping.
 * @throws {CsvError} if the file cannot be read, or if no column has a known name.
 * @throws {ProblemError} 400 if the mapping names a column that the file does not have.
 */
export async function planWithMapping(memory: Memory, head: Uint8Array, options: FileOptions): Promise<MappedPlan> {
  if (options.mapping !== undefined) {
    const plan = planFile(head, options);
    const unknown = Object.keys(options.mapping).filter((column) => !plan.columns.some((one) => one.column === column));
    if (unknown.length > 0) throw unknownColumns(unknown, plan);
    return { plan, mapping: options.mapping, mappedBy: 'request' };
  }
  try {
    const plan = planFile(head, options);
    const where = { tenantId: memory.tenant, kind: options.kind, header: headerOf(plan) };
    const known = await memory.db.importMapping.findUnique({ where: { tenantId_kind_header: where } });
    // The cast is safe: only `rememberMapping` writes the column.
    const mapping = known?.mapping as Mapping | undefined;
    if (!mapping) return { plan, mapping: undefined, mappedBy: null };
    return { plan: planFile(head, { ...options, mapping }), mapping, mappedBy: 'earlier' };
  } catch (error) {
    const found =
      error instanceof CsvError && error.code === 'CSV_COLUMNS_UNKNOWN' && (await tried(memory, head, options));
    if (!found) throw error;
    return found;
  }
}

/** Tries remembered choices for a file without a known column, whose header is not known either. 1 statement. */
async function tried({ db, tenant }: Memory, head: Uint8Array, options: FileOptions): Promise<MappedPlan | undefined> {
  const where = { tenantId: tenant, kind: options.kind };
  const known = await db.importMapping.findMany({ where, orderBy: { updatedAt: 'desc' }, take: MOST_TRIED });
  for (const { header, mapping: stored } of known) {
    const mapping = stored as Mapping;
    try {
      const plan = planFile(head, { ...options, mapping });
      if (headerOf(plan) === header) return { plan, mapping, mappedBy: 'earlier' };
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
    }
  }
  return undefined;
}

/** Remembers a mapping for files with the columns of this plan. 1 statement. */
export async function rememberMapping(
  { db, tenant }: Memory,
  plan: FilePlan,
  mapping: Mapping,
  updatedAt: Date,
): Promise<void> {
  const key = { tenantId: tenant, kind: plan.kind, header: headerOf(plan) };
  const data = { mapping: { ...mapping }, updatedAt };
  const where = { tenantId_kind_header: key };
  await db.importMapping.upsert({ where, create: { ...key, ...data }, update: data });
}

function headerOf({ columns }: FilePlan): string {
  const names = columns.map(({ column }) => foldName(column));
  return createHash('sha256').update(JSON.stringify(names)).digest('base64url');
}

function unknownColumns(unknown: readonly string[], { columns }: FilePlan) {
  const found = columns.map(({ column }) => `“${column}”`).join(', ');
  const missing = unknown.map((column) => `“${column}”`).join(', ');
  return invalidField('columns', `names ${missing}, but the columns of the file are ${found}`);
}
