/**
 * The fields that callers give to columns, as query parameters or as JSON. The last choice of a tenant is remembered with
 * the names of the columns, and used for the next file with these columns.
 */
import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { PrismaClient } from '../../platform/db/index.ts';
import { invalidFields, textSchema } from '../../platform/http/index.ts';
import { CsvError } from '../../platform/rest/index.ts';
import { fold } from '../../platform/text/index.ts';
import { loadFields } from '../fields/custom.ts';
import type { Field as CustomField } from '../fields/field.ts';
import { MOST_FIELDS, withCustomParameters } from '../fields/schema.ts';
import { kinds } from './kinds/index.ts';
import { planFile } from './read/index.ts';
import {
  type CustomName,
  type Field,
  type FileOptions,
  type FilePlan,
  fieldsOf,
  type ImportKind,
  isCustomName,
} from './read/plan.ts';

/** The field of each named column; `null` for a column that fills no field. */
export type Mapping<Kind extends ImportKind = ImportKind> = Readonly<Record<string, Field<Kind> | CustomName | null>>;

const columnSchema = textSchema(100);
/** The name of the parameter for columns that fill no field. */
const UNUSED = 'unused';
/** The parameters that map columns to custom fields, and the names of these fields in JSON. */
const CUSTOM_PARAMETER = /^columns\[custom\.[a-z][a-z0-9_]{0,39}\]$/;
const CUSTOM_NAME = /^custom\.[a-z][a-z0-9_]{0,39}$/;
/** The most remembered choices that are tried for a file without known columns. */
const MOST_TRIED = 20;

/** Returns the query parameters that map columns to the fields of a kind. */
export function mappingParameters(kind: ImportKind) {
  const fields = [...fieldsOf[kind], UNUSED];
  const named = fields.map((field) => {
    const use = field === UNUSED ? 'A column that fills no field' : `The column of \`${field}\``;
    const description = `${use}, as the file writes it.`;
    return [`columns[${field}]`, columnSchema.optional().openapi({ description })] as const;
  });
  return {
    columns: z
      .string()
      .max(20_000)
      .transform((text, context) => entriesOf(kind, text, context))
      .optional()
      .openapi({
        type: 'string',
        description:
          'The same as JSON: an object with the fields, and the column or the list of columns of each field.',
        example: '{"email":"E-Mail-Adresse"}',
      }),
    ...Object.fromEntries(named),
  };
}

/** Adds the parameters `columns[custom.<key>]`, which map columns to custom fields. */
export function withMappedFields<Schema extends z.ZodObject>(parameters: Schema): Schema {
  const settings = { named: CUSTOM_PARAMETER, value: columnSchema, most: MOST_FIELDS, use: 'custom fields' };
  return withCustomParameters(parameters, settings);
}

/** Returns the mapping of a request's checked parameters; `undefined` if the request has none. */
export function mappingOf(search: Readonly<Record<string, unknown>>): Mapping | undefined {
  const said: [string, unknown][] = Object.entries(search).flatMap(([name, value]) => {
    const field = /^columns\[([\w.]+)\]$/.exec(name)?.[1];
    return field === undefined || value === undefined ? [] : [[field, value] satisfies [string, unknown]];
  });
  said.push(...Object.entries(search['columns'] ?? {}));
  const mapping = said.flatMap(([field, columns]) =>
    [columns].flat().map((column) => [String(column), field === UNUSED ? null : (field as Field)] as const),
  );
  return mapping.length === 0 ? undefined : Object.fromEntries(mapping);
}

/** Returns the fields and their columns from JSON. */
function entriesOf(kind: ImportKind, text: string, context: z.RefinementCtx): Record<string, string | string[]> {
  const fields = z.enum([...fieldsOf[kind], UNUSED] as [string, ...string[]]);
  const schema = z.partialRecord(
    z.union([fields, z.string().regex(CUSTOM_NAME)]),
    z.union([columnSchema, z.array(columnSchema)]),
  );
  try {
    return schema.parse(JSON.parse(text)) as Record<string, string | string[]>;
  } catch {
    const known = `${fieldsOf[kind].join(', ')}, custom.<key> or ${UNUSED}`;
    context.addIssue({ code: 'custom', message: `must be JSON: an object with the fields ${known}` });
    return z.NEVER;
  }
}

/** A plan, and the source of its mapping. */
export interface MappedPlan<Kind extends ImportKind = ImportKind> {
  plan: FilePlan<Kind>;
  mapping: Mapping | undefined;
  /** Whether the mapping comes from this request or from an earlier one. */
  mappedBy: 'request' | 'earlier' | null;
}

/** The reader of remembered choices. */
interface Memory {
  db: Pick<PrismaClient, 'importMapping' | 'customField'>;
  tenant: string;
}

/**
 * Plans a file with the mapping of the request, or else with the remembered one. 1 statement for the custom fields, and 1
 * without a mapping.
 * @param isStored true if the mapping of the request was checked when its upload began; a field may have been deleted
 * since then.
 * @throws {ProblemError} 400 if the mapping of the request names a custom field that does not exist.
 * @throws {CsvError} if the file cannot be read, if no column has a known name, or if the mapping names a column that
 * the file does not have.
 */
export async function planWithMapping<Kind extends ImportKind>(
  memory: Memory,
  head: Uint8Array,
  given: FileOptions<Kind>,
  { isStored = false } = {},
): Promise<MappedPlan<Kind>> {
  const fields = await loadFields(memory.db, memory.tenant, kinds[given.kind].entity);
  const options = { ...given, fields };
  if (!isStored) requireFields(given.mapping, fields);
  if (options.mapping !== undefined) {
    return { plan: planFile(head, options), mapping: options.mapping, mappedBy: 'request' };
  }
  try {
    const plan = planFile(head, options);
    const where = { tenantId: memory.tenant, kind: options.kind, header: headerOf(plan) };
    const known = await memory.db.importMapping.findUnique({ where: { tenantId_kind_header: where } });
    // The cast is safe: only `rememberMapping` writes the column.
    const mapping = known?.mapping as Mapping<Kind> | undefined;
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
async function tried<Kind extends ImportKind>(
  { db, tenant }: Memory,
  head: Uint8Array,
  options: FileOptions<Kind>,
): Promise<MappedPlan<Kind> | undefined> {
  const where = { tenantId: tenant, kind: options.kind };
  const known = await db.importMapping.findMany({ where, orderBy: { updatedAt: 'desc' }, take: MOST_TRIED });
  for (const { header, mapping: stored } of known) {
    const mapping = stored as Mapping<Kind>;
    try {
      const plan = planFile(head, { ...options, mapping });
      if (headerOf(plan) === header) return { plan, mapping, mappedBy: 'earlier' };
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
    }
  }
  return undefined;
}

/**
 * Checks the custom fields of a mapping before the parts of its file are sent. 1 statement if it names any.
 * @throws {ProblemError} 400 if it names one that does not exist.
 */
export async function checkMapping({ db, tenant }: Memory, { kind, mapping = {} }: FileOptions): Promise<void> {
  if (!Object.values(mapping).some(isCustomName)) return;
  requireFields(mapping, await loadFields(db, tenant, kinds[kind].entity));
}

function requireFields(mapping: Mapping = {}, fields: readonly CustomField[]): void {
  const unknown = Object.values(mapping).filter(
    (name) => isCustomName(name) && !fields.some(({ key }) => name === `custom.${key}`),
  );
  if (unknown.length === 0) return;
  throw invalidFields(unknown.map((name) => ({ field: `columns[${name}]`, message: 'is not a known field' })));
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
  const names = columns.map(({ column }) => fold(column));
  return createHash('sha256').update(JSON.stringify(names)).digest('base64url');
}
