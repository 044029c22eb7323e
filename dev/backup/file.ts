/**
 * The file of a backup: one line that says what the file is, then sealed lines with copies of keys, then a sealed line with
 * their number. Each line is sealed for its place in this file, so a line that is changed, moved, missing or of another
 * file is refused.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Sealer } from '../../src/platform/redis/index.ts';
import type { SavedKey } from '../saved/keys.ts';

/** The error of a file that is not a whole backup of these SEAL_KEYS, or that would be replaced. */
export class BackupFileError extends Error {
  override readonly name = 'BackupFileError';
  readonly code = 'BACKUP_FILE';
}

const headSchema = z.object({
  holdfast: z.literal('redis-backup'),
  format: z.literal(1),
  id: z.string(),
  /** When the backup began, in ms since the epoch. */
  takenAt: z.number(),
});
const batchSchema = z.union([
  z.object({
    keys: z.array(
      z.object({ key: z.string(), endsAt: z.number().nullable(), command: z.string(), values: z.array(z.string()) }),
    ),
  }),
  z.object({ end: z.number() }),
]);
type Batch = z.infer<typeof batchSchema>;

/**
 * Writes a backup. The file appears when it is complete, readable by its owner only.
 * @returns the number of keys.
 * @throws {BackupFileError} if the file exists.
 */
export async function writeBackup(
  file: string,
  sealer: Sealer,
  takenAt: number,
  batches: AsyncIterable<readonly SavedKey[]>,
): Promise<number> {
  if (existsSync(file)) throw new BackupFileError(`${file} exists: give the name of a new file`);
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w', 0o600);
  const head = JSON.stringify({ holdfast: 'redis-backup', format: 1, id: randomBytes(16).toString('hex'), takenAt });
  let [line, count] = [0, 0];
  const append = async (batch: Batch): Promise<void> => {
    await handle.write(`${await sealer.seal(JSON.stringify(batch), contextOf(head, line))}\n`);
    line += 1;
  };
  try {
    await handle.write(`${head}\n`);
    for await (const keys of batches) {
      if (keys.length > 0) await append({ keys: keys.map(inText) });
      count += keys.length;
    }
    await append({ end: count });
    await handle.sync();
    await handle.close();
    await rename(draft, file);
    return count;
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
}

/** Returns when a backup was taken, in ms since the epoch. Call {@link readBackup} to check that it is whole. */
export async function readTakenAt(file: string): Promise<number> {
  const lines = linesOf(file);
  const { value } = await lines.next();
  await lines.return(undefined);
  return headOf(file, value).takenAt;
}

/**
 * Yields the keys of a backup, batch by batch. Read it to its end before anything is changed by it: only the end shows
 * that the file is whole.
 * @throws {BackupFileError}
 */
export async function* readBackup(file: string, sealer: Sealer): AsyncGenerator<SavedKey[]> {
  let [line, count, hasEnded] = [-1, 0, false];
  let head = '';
  for await (const text of linesOf(file)) {
    line += 1;
    if (line === 0) {
      headOf(file, text);
      head = text;
      continue;
    }
    const opened = hasEnded ? null : await sealer.open(text, contextOf(head, line - 1));
    if (opened === null) throw new BackupFileError(`${file} was changed, or is sealed with other SEAL_KEYS`);
    const batch = batchSchema.parse(JSON.parse(opened));
    if ('end' in batch) {
      hasEnded = batch.end === count;
      continue;
    }
    count += batch.keys.length;
    yield batch.keys.map(inBytes);
  }
  if (!hasEnded) throw new BackupFileError(`${file} is not complete`);
}

async function* linesOf(file: string): AsyncGenerator<string> {
  if (!existsSync(file)) throw new BackupFileError(`${file} is not there`);
  yield* createInterface({ input: createReadStream(file, 'utf8') });
}

function headOf(file: string, text: string | undefined) {
  try {
    return headSchema.parse(JSON.parse(text ?? ''));
  } catch {
    throw new BackupFileError(`${file} is not a backup of Redis`);
  }
}

function contextOf(head: string, line: number): string[] {
  return ['redis-backup', head, String(line)];
}

function inText({ key, endsAt, command, values }: SavedKey) {
  return { key: key.toString('base64'), endsAt, command, values: values.map((value) => value.toString('base64')) };
}

function inBytes({ key, values, ...rest }: ReturnType<typeof inText>): SavedKey {
  return { ...rest, key: Buffer.from(key, 'base64'), values: values.map((value) => Buffer.from(value, 'base64')) };
}
