/** The API's schemas of an import. */
import { z } from '@hono/zod-openapi';
import { idSchema, momentSchema } from '../../platform/http/index.ts';
import { transferStatuses } from '../transfer.ts';
import { importFields, MOST_ROWS } from './file.ts';

/** The largest file, in bytes. */
export const LARGEST_FILE = 5 * 1024 * 1024;

export const importFileSchema = z.string().openapi({
  description:
    `At most ${LARGEST_FILE / 1024 / 1024} MiB and ${MOST_ROWS} rows, in UTF-8. The first row names the columns: ` +
    'name (or first name and last name), email, phone, job title, company, in any order and spelling such as `E-Mail`.',
  example: 'First name,Last name,E-Mail,Company\nAda,Lovelace,ada@example.com,Analytical Engines\n',
});

export const importQuerySchema = z.strictObject({
  createCompanies: z
    .enum(['true', 'false'])
    .default('true')
    .openapi({ description: 'Whether unknown companies are added; if not, their rows are rejected.' }),
});

export const importSchema = z
  .object({
    id: idSchema,
    status: z.enum(transferStatuses),
    columns: z
      .array(z.object({ column: z.string(), field: z.enum(importFields).nullable() }))
      .openapi({ description: 'The columns of the file and their fields; null if a column is not used.' }),
    rows: z.int(),
    done: z.int().openapi({ description: 'Rows handled so far: the sum of the next four counts.' }),
    imported: z.int(),
    updated: z.int(),
    unchanged: z.int().openapi({ description: 'Rows that changed nothing.' }),
    rejected: z.int(),
    companiesCreated: z.int(),
    rejections: z
      .array(z.object({ row: z.int(), field: z.string(), message: z.string(), kept: z.boolean() }))
      .openapi({
        description:
          'The first reasons why rows, or only some of their fields (`kept`), were not imported; the header is row 1.',
      }),
    createdAt: momentSchema,
    finishedAt: momentSchema.nullable(),
  })
  .openapi('Import');

export type ImportAnswer = z.infer<typeof importSchema>;
