/** Reads the rows of a large file, one stored piece per transaction, and turns them into waiting chunks. */
import type { Transaction } from '../../platform/db/index.ts';
import { CsvError } from '../../platform/rest/index.ts';
import { type ChunkState, storeChunks } from './chunks.ts';
import { type ReaderState, RowReader } from './read/index.ts';
import type { FilePlan } from './read/plan.ts';

/** The stored state between two pieces. */
export interface StoredReader {
  chunks: ChunkState;
  state?: ReaderState;
}

/** The outcome of a piece. */
interface ReadPiece {
  /** The rows read so far. */
  rows: number;
  isLast: boolean;
  /** The code of the reason why the file cannot be imported. */
  failure: string | null;
}

/** Returns whether pieces of the file are still to be read. */
export function isReading(reader: unknown): reader is StoredReader {
  return Object.hasOwn(Object(reader), 'chunks');
}

/** Reads the next piece, deletes it, and stores its rows. After the last piece, the rows can be imported. 4 statements. */
export async function readPiece(
  tx: Transaction,
  { id, plan, reader: stored }: { id: string; plan: unknown; reader: StoredReader },
): Promise<ReadPiece> {
  const where = { tenantId: tx.tenant, importId: id };
  // The cast is safe: only this folder writes the column.
  const reader = new RowReader(plan as FilePlan, stored.state);
  const [piece, next] = await tx.db.importPiece.findMany({
    where,
    orderBy: [{ part: 'asc' }, { seq: 'asc' }],
    take: 2,
    select: { part: true, seq: true, bytes: true },
  });
  const rows = [...(piece ? reader.push(piece.bytes) : []), ...(next ? [] : reader.end())];
  const isLast = next === undefined;
  const change = (data: Parameters<typeof tx.db.import.update>[0]['data']) =>
    tx.db.import.update({ where: { tenantId_id: { tenantId: tx.tenant, id } }, data, select: { id: true } });
  try {
    const chunks = await storeChunks(tx, id, stored.chunks, rows);
    if (isLast && chunks.rows === 0) throw new CsvError('The file has no rows below its header');
    await change({ rows: chunks.rows, reader: isLast ? {} : { chunks: { ...chunks }, state: { ...reader.state() } } });
    if (piece) {
      const key = { ...where, part: piece.part, seq: piece.seq };
      await tx.db.importPiece.delete({ where: { tenantId_importId_part_seq: key }, select: { seq: true } });
    }
    return { rows: chunks.rows, isLast, failure: null };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    await tx.db.importPiece.deleteMany({ where });
    await tx.db.importChunk.deleteMany({ where });
    await change({ reader: {}, failure: error.message, status: 'failed', finishedAt: new Date(tx.system.now()) });
    return { rows: stored.chunks.rows, isLast: true, failure: error.code };
  }
}
