/** Converts the row of an import to the API's import, and errors of files to problems. */
import type { Import } from '#prisma';
import { ProblemError } from '../../platform/http/index.ts';
import { CsvError } from '../../platform/rest/index.ts';
import { nameOfField } from './kinds/custom.ts';
import type { FilePlan } from './read/plan.ts';
import type { ImportAnswer } from './schema.ts';

/** Converts a row. Its JSON columns contain only JSON that this folder wrote. */
export function toImport(row: Import, status: ImportAnswer['status']): ImportAnswer {
  const { id, kind, parts, rows, imported, updated, unchanged, rejected, incomplete, companiesCreated, failure } = row;
  return {
    ...{ id, kind, status, parts, columns: columnsOf(row.plan as unknown as FilePlan | null), rows },
    done: imported + updated + unchanged + rejected,
    ...{ imported, updated, unchanged, rejected, incomplete, companiesCreated },
    rejections: row.rejections as unknown as ImportAnswer['rejections'],
    failure,
    undo: row.undo as unknown as ImportAnswer['undo'],
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** Returns the columns of a plan for an answer; none before the plan is made. */
export function columnsOf(plan: FilePlan | null): ImportAnswer['columns'] {
  return (plan?.columns ?? []).map(({ column, field, custom, reason }) => ({
    ...{ column, field: custom ? nameOfField(custom) : field },
    ...(reason === undefined ? {} : { reason }),
  }));
}

/** Runs work on a file, and answers its errors with a 400 that names the body. */
export async function readingFile<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ProblemError(400, error.code, error.message, { fields: [{ field: 'body', message: error.message }] });
  }
}
