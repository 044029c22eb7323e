/** The rows of a file that wait for their import, in chunks: one transaction handles one chunk. */
import type { Transaction } from '../../platform/db/index.ts';
import { CsvError } from '../../platform/rest/index.ts';
import type { FileBody } from './body.ts';
import { piecesOf } from './body.ts';
import { RowReader } from './read/index.ts';
import type { FilePlan, SourceRow } from './read/plan.ts';

/** The number of rows per transaction, which then takes less than a second. */
export const ROWS_PER_CHUNK = 500;
/** The maximum number of rows in a file. */
export const MOST_ROWS = 200_000;

/** The rows that are not in a chunk yet, and the place of the next chunk. */
export interface ChunkState {
  seq: number;
  rows: number;
}

/**
 * Stores rows as chunks; 1 statement, none without rows. Returns the new place.
 * @throws {CsvError} if the file has too many rows.
 */
export async function storeChunks(
  { db, tenant }: Transaction,
  importId: string,
  { seq, rows }: ChunkState,
  read: readonly SourceRow[],
): Promise<ChunkState> {
  const total = rows + read.length;
  if (total > MOST_ROWS) throw new CsvError(`The file has more than ${MOST_ROWS} rows`);
  const count = Math.ceil(read.length / ROWS_PER_CHUNK);
  const data = Array.from({ length: count }, (_, index) => ({
    tenantId: tenant,
    importId,
    seq: seq + index,
    rows: read.slice(index * ROWS_PER_CHUNK, (index + 1) * ROWS_PER_CHUNK).map((row) => ({ ...row })),
  }));
  if (count > 0) await db.importChunk.createMany({ data });
  return { seq: seq + count, rows: total };
}

/**
 * Reads the rows of a body and stores them as chunks. Costs 1 statement per piece of the body.
 * @throws {CsvError} if the file has too many rows or none.
 */
export async function storeRows(tx: Transaction, importId: string, plan: FilePlan, body: FileBody): Promise<number> {
  const reader = new RowReader(plan);
  let state: ChunkState = { seq: 0, rows: 0 };
  // Rows wait until a chunk is full, so that the chunks do not depend on the borders of pieces.
  let waiting: SourceRow[] = [];
  for await (const piece of piecesOf(body)) {
    waiting.push(...reader.push(piece));
    const full = waiting.length - (waiting.length % ROWS_PER_CHUNK);
    state = await storeChunks(tx, importId, state, waiting.slice(0, full));
    waiting = waiting.slice(full);
  }
  state = await storeChunks(tx, importId, state, [...waiting, ...reader.end()]);
  if (state.rows === 0) throw new CsvError('The file has no rows below its header');
  return state.rows;
}
