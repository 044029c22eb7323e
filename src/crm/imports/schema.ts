/** The API's schemas of imports. */
import { z } from '@hono/zod-openapi';
import { idSchema, momentSchema, pageQuerySchema, pageSchema } from '../../platform/http/index.ts';
import { LARGEST_BODY, LARGEST_UNZIPPED } from './body.ts';
import { MOST_ROWS } from './chunks.ts';
import { mappingParameters, withMappedFields } from './mapping.ts';
import { fieldsOf, type ImportKind, importKinds, questionCodes } from './read/plan.ts';

/** The most parts of a file. */
export const MOST_PARTS = 50;
const partNumberSchema = z
  .string()
  .refine(
    (text) => /^[1-9]\d?$/.test(text) && Number(text) <= MOST_PARTS,
    `must be a whole number from 1 to ${MOST_PARTS}`,
  )
  .transform(Number);
/** The number of rows that a dry run shows. */
export const ROWS_SHOWN = 20;
/** The maximum number of rows in the list of those that stay after an undo. */
export const MOST_LISTED = 1000;

const importStatuses = [
  ...(['uploading', 'queued', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undoFailed', 'undone'] as const),
] as const;

const mib = (bytes: number) => `${bytes / 1024 / 1024} MiB`;

/** Returns the schema of a file of this kind. */
export function importFileSchema(kind: ImportKind, example: string) {
  return z.string().openapi({
    description:
      `At most ${mib(LARGEST_BODY)} and ${MOST_ROWS} rows; with \`Content-Encoding: gzip\` at most ` +
      `${mib(LARGEST_UNZIPPED)} without it. The encoding is UTF-8, UTF-16 with a byte order mark, or the charset of ` +
      `\`Content-Type\`. One of the first rows names the columns; the fields are ${fieldsOf[kind].join(', ')} ` +
      'and the custom fields.',
    example,
  });
}

export const partFileSchema = z
  .string()
  .openapi({ description: `A part of a file: any bytes, at most ${mib(LARGEST_BODY)}, plain or gzip.` });

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');

/** Returns the query parameters of an import of this kind. */
export function importQuerySchema(kind: ImportKind) {
  const createCompanies = flag.prefault('true').openapi({
    type: 'boolean',
    description: 'Whether unknown companies are added; if not, their rows are imported without a company.',
  });
  return withMappedFields(
    z.strictObject({
      ...(kind === 'companies' ? {} : { createCompanies }),
      dryRun: flag.prefault('false').openapi({
        type: 'boolean',
        description: 'Answers how the file would be read, and its first rows as they would become. Nothing is stored.',
      }),
      parts: partNumberSchema.optional().openapi({
        type: 'integer',
        description:
          'Announces a file that comes in this number of parts: the body is empty, each part is sent to ' +
          '`PUT /imports/{id}/parts/{part}`, and `POST /imports/{id}/start` begins the import.',
      }),
      ...mappingParameters(kind),
    }),
  );
}

const columnsSchema = z
  .array(z.object({ column: z.string(), field: z.string().nullable(), reason: z.string().optional() }))
  .openapi({ description: 'The columns of the file and their fields; null if a column is not used.' });

const rejectionSchema = z.object({ row: z.int(), field: z.string(), message: z.string(), kept: z.boolean() });

const undoSchema = z
  .object({
    removed: z.int(),
    restored: z.int(),
    kept: z.int().openapi({ description: 'Records that have changed since the import, so the undo leaves them.' }),
    records: z
      .array(z.object({ entity: z.string(), id: idSchema, reason: z.string() }))
      .openapi({ description: `The records that stay, at most ${MOST_LISTED}.` }),
  })
  .openapi({ description: 'The undo of the import; null if there was none.' });

export const importSchema = z
  .object({
    id: idSchema,
    kind: z.enum(importKinds as [ImportKind, ...ImportKind[]]),
    status: z.enum(importStatuses).openapi({
      description: 'After `undoFailed` a part of the import is undone, and `POST /imports/{id}/undo` goes on.',
    }),
    parts: z
      .int()
      .nullable()
      .openapi({ description: 'The announced number of parts; null for a file in one request.' }),
    columns: columnsSchema,
    rows: z.int().openapi({ description: 'Rows below the header; while a large file is read, the rows read so far.' }),
    done: z.int().openapi({ description: 'Rows handled so far: the sum of the next four counts.' }),
    imported: z.int(),
    updated: z.int(),
    unchanged: z.int().openapi({ description: 'Rows that changed nothing.' }),
    rejected: z.int(),
    incomplete: z.int().openapi({ description: 'Rows of the first three counts without a field that was rejected.' }),
    companiesCreated: z.int(),
    rejections: z.array(rejectionSchema).openapi({
      description:
        'The first reasons why rows, or only some of their fields (`kept`), were not imported; the first row of the ' +
        'file is 1. `GET /imports/{id}/rejected` has all.',
    }),
    failure: z.string().nullable().openapi({ description: 'The reason why a large file could not be read.' }),
    undo: undoSchema.nullable(),
    createdAt: momentSchema,
    finishedAt: momentSchema.nullable(),
  })
  .openapi('Import');

export const importPageSchema = pageSchema(importSchema).openapi('ImportPage');
export const importPageQuerySchema = pageQuerySchema;

export const partParameters = z.object({
  id: idSchema,
  part: partNumberSchema.openapi({ type: 'integer', minimum: 1, maximum: MOST_PARTS, description: 'Its number.' }),
});

/** The answer of a dry run. */
export const importPlanSchema = z
  .object({
    encoding: z.string(),
    separator: z.string(),
    headerRow: z.int().openapi({ description: 'The number of the row that names the columns.' }),
    system: z.string().nullable().openapi({ description: 'The system that has written the file, if it is known.' }),
    language: z.string().nullable(),
    mappedBy: z
      .enum(['request', 'earlier'])
      .nullable()
      .openapi({ description: 'The source of the mapping: this request, or an earlier import of such a file.' }),
    columns: columnsSchema,
    questions: z
      .array(z.object({ column: z.string(), message: z.string(), code: z.enum(questionCodes) }))
      .openapi({ description: 'Choices to confirm with a mapping before the import.' }),
    rows: z
      .array(
        z.object({
          row: z.int(),
          outcome: z.enum(['imported', 'updated', 'unchanged', 'rejected']),
          record: z.record(z.string(), z.unknown()).nullable(),
          changes: z
            .record(z.string(), z.object({ from: z.unknown(), to: z.unknown() }))
            .openapi({ description: 'The fields that the row would change.' }),
          rejections: z.array(rejectionSchema),
        }),
      )
      .openapi({ description: `The first rows as they would become, at most ${ROWS_SHOWN}.` }),
  })
  .openapi('ImportPlan');

export type ImportAnswer = z.infer<typeof importSchema>;
export type ImportPlanAnswer = z.infer<typeof importPlanSchema>;
