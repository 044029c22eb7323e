/** Stores an import: of a file in one request, or of a file whose parts follow. */
import type { Transaction } from '../../platform/db/index.ts';
import { ProblemError } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { type FileBody, LARGEST_BODY, PIECE_BYTES, piecesOf } from './body.ts';
import { storeRows } from './chunks.ts';
import { importJobs } from './job.ts';
import { checkMapping, type MappedPlan, planWithMapping, rememberMapping } from './mapping.ts';
import type { FileOptions } from './read/plan.ts';

/** The time after which an import forgets its rejected rows and its changes, in ms. */
export const KEPT_MS = 7 * 86_400_000;

/** The settings of an import. */
export interface NewImport {
  options: FileOptions;
  createCompanies: boolean;
}

/** The size of a body without gzip, in bytes, and its beginning. */
export async function measured(body: FileBody): Promise<{ size: number; head: Uint8Array }> {
  let size = 0;
  let head = new Uint8Array();
  for await (const piece of piecesOf(body)) {
    if (size === 0) head = piece;
    size += piece.length;
  }
  return { size, head };
}

/**
 * Stores a file and begins its import. The rows of a file of usual size are counted at once. The pieces of a larger
 * file, which is only possible with gzip, are read by the job.
 * @throws {CsvError} if the file cannot be read, or has no rows.
 */
export async function createImport(
  tx: Transaction,
  settings: NewImport,
  body: FileBody,
  { size, planned }: { size: number; planned: MappedPlan },
) {
  const { plan } = planned;
  const id = await addImport(tx, settings, { status: 'queued' });
  const isLarge = size > LARGEST_BODY;
  const rows = isLarge ? 0 : await storeRows(tx, id, plan, body);
  if (isLarge) await storePieces(tx, id, 1, body);
  return begin(tx, id, planned, { rows, isLarge });
}

/** Announces the parts of a file. */
export async function createUpload(tx: Transaction, settings: NewImport, parts: number) {
  await checkMapping(tx, settings.options);
  const id = await addImport(tx, settings, { status: 'uploading', parts });
  return tx.db.import.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tx.tenant, id } } });
}

/** Stores a part of a file in place of an earlier one with this number. 1 statement per piece, and one more. */
export async function storePieces(tx: Transaction, importId: string, part: number, body: FileBody): Promise<void> {
  const key = { tenantId: tx.tenant, importId, part };
  await tx.db.importPiece.deleteMany({ where: key });
  let seq = 0;
  for await (const bytes of piecesOf(body)) {
    await tx.db.importPiece.create({ data: { ...key, seq, bytes }, select: { seq: true } });
    seq += 1;
  }
}

/**
 * Begins the import of a file whose parts have come. The row of the import is locked.
 * @throws {ProblemError} 409 if a part is missing.
 * @throws {CsvError} if the file cannot be read.
 */
export async function startUpload(tx: Transaction, id: string, parts: number, settings: NewImport) {
  const where = { tenantId: tx.tenant, importId: id };
  const firsts = { where: { ...where, seq: 0 }, select: { part: true } };
  const sent = new Set((await tx.db.importPiece.findMany(firsts)).map(({ part }) => part));
  const missing = Array.from({ length: parts }, (_, index) => index + 1).filter((part) => !sent.has(part));
  if (missing.length > 0) {
    const detail = `Part ${missing.slice(0, 10).join(', ')} is missing`;
    throw new ProblemError(409, 'PARTS_MISSING', detail, { fields: [{ field: 'parts', message: detail }] });
  }
  const pieces = await tx.db.importPiece.findMany({
    where,
    orderBy: [{ part: 'asc' }, { seq: 'asc' }],
    take: 2,
    select: { bytes: true },
  });
  const head = Buffer.concat(pieces.map(({ bytes }) => bytes)).subarray(0, PIECE_BYTES);
  const planned = await planWithMapping(tx, head, settings.options, { isStored: true });
  return begin(tx, id, planned, { rows: 0, isLarge: true });
}

/** Adds the row of an import, and the job that forgets it. */
async function addImport(
  tx: Transaction,
  { options, createCompanies }: NewImport,
  data: { status: 'queued' | 'uploading'; parts?: number },
): Promise<string> {
  const id = tx.system.rowId('import');
  const { kind, charset = null, mapping } = options;
  await tx.db.import.create({
    data: {
      ...{ tenantId: tx.tenant, id, kind, actorId: tx.actorId, createCompanies, rows: 0, ...data },
      options: { charset, mapping: mapping === undefined ? null : { ...mapping } },
      createdAt: new Date(tx.system.now()),
    },
    select: { id: true },
  });
  await enqueue(tx, importJobs[kind].forget, { importId: id }, { id: `${id}-forget`, delay: KEPT_MS });
  return id;
}

/** Stores the plan of an import, remembers its mapping, and enqueues the job. */
async function begin(
  tx: Transaction,
  id: string,
  { plan, mapping, mappedBy }: MappedPlan,
  { rows, isLarge }: { rows: number; isLarge: boolean },
) {
  if (mappedBy === 'request' && mapping) await rememberMapping(tx, plan, mapping, new Date(tx.system.now()));
  const added = await tx.db.import.update({
    where: { tenantId_id: { tenantId: tx.tenant, id } },
    data: {
      ...{ status: 'queued', rows, plan: JSON.parse(JSON.stringify(plan)) },
      ...(isLarge ? { reader: { chunks: { seq: 0, rows: 0 } } } : {}),
    },
  });
  await enqueue(tx, importJobs[plan.kind].write, { importId: id }, { id });
  return added;
}
