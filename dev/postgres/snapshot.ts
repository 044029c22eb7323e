/**
 * A fresh Postgres data directory takes three seconds to make (initdb in WebAssembly), and migrations take another two, so the
 * first of each is kept in node_modules/.cache: the empty database, and the one with the current schema. They are only a
 * cache: one that cannot be read is made again, and one that cannot be written is done without.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';

/** The files of the database are in memory or in the cache of the file system already, so that its own cache needs not be large. */
const SMALL = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];

const CHECKSUM_BYTES = 4;
/** Snapshots of earlier schemas go after a while. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Bytes as PGlite takes them. A plain Blob would copy them three times on their way. */
class Bytes extends Blob {
  readonly #buffer: ArrayBuffer;

  constructor(buffer: ArrayBuffer) {
    super();
    this.#buffer = buffer;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#buffer;
  }
}

/** A database that was opened. */
export interface Opened {
  database: PGlite;
  /** Keeps it as the one with the schema that was asked for. Only for a database that was created without that schema. */
  keep?: () => Promise<void>;
}

/**
 * Opens the database in a folder, and makes it there if there is none.
 *
 * @param schema as of {@link createDatabase}
 */
export async function openDatabaseIn(folder: string, schema?: string): Promise<Opened> {
  if (existsSync(folder)) return { database: await openPlace(folder) };
  // Renamed into place, so that a start that is interrupted leaves no half of a database.
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  const { database, keep } = await createDatabase(schema, draft);
  await database.close();
  await rename(draft, folder);
  const opened = await openPlace(folder);
  return { database: opened, ...(keep && schema !== undefined && { keep: keeping(opened, schema) }) };
}

/**
 * Creates a database: with a schema if one of that name was kept, else empty.
 *
 * @param schema the name of the schema
 * @param folder where it keeps its files; default in memory
 */
export async function createDatabase(schema?: string, folder?: string): Promise<Opened> {
  if (schema !== undefined) {
    const database = await load(await snapshotPath(schema), folder);
    if (database) return { database };
  }
  const database = (await load(await snapshotPath(), folder)) ?? (await createEmpty(folder));
  return { database, ...(schema !== undefined && { keep: keeping(database, schema) }) };
}

function openPlace(folder: string): Promise<PGlite> {
  return PGlite.create({ dataDir: folder, startParams: SMALL });
}

async function createEmpty(folder?: string): Promise<PGlite> {
  const place = folder === undefined ? {} : { dataDir: folder };
  // A segment of the log is as large as a third of the database by default, and each start would copy it.
  const database = await PGlite.create({ ...place, startParams: SMALL, initDbStartParams: ['--wal-segsize=1'] });
  await save(database, await snapshotPath()).catch(() => {});
  return database;
}

/** The database that was kept; undefined if there is none that can be read. */
async function load(path: string, folder?: string): Promise<PGlite | undefined> {
  try {
    const files = new Bytes(await readChecked(path));
    const place = folder === undefined ? {} : { dataDir: folder };
    return await PGlite.create({ ...place, startParams: SMALL, loadDataDir: files });
  } catch {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}

function keeping(database: PGlite, schema: string): () => Promise<void> {
  return async () => save(database, await snapshotPath(schema)).catch(() => {});
}

/** Reads a snapshot; its last bytes are a checksum of the others. */
async function readChecked(path: string): Promise<ArrayBuffer> {
  await using file = await open(path);
  const buffer = new ArrayBuffer(Math.max(0, (await file.stat()).size - CHECKSUM_BYTES));
  const bytes = Buffer.from(buffer);
  await file.read(bytes, 0, bytes.length);
  const { buffer: checksum } = await file.read(Buffer.alloc(CHECKSUM_BYTES));
  if (!checksum.equals(checksumOf(bytes))) throw new Error(`${path} is damaged`);
  return buffer;
}

function checksumOf(bytes: Buffer): Buffer {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum;
}

/** Named by the engine's version, so that an upgrade never loads the directory of another one. */
export async function snapshotPath(schema?: string): Promise<string> {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const name = `pglite-${version}-${schema ?? 'empty'}`;
  return fileURLToPath(new URL(`../../node_modules/.cache/holdfast/${name}`, import.meta.url));
}

async function save(database: PGlite, path: string): Promise<void> {
  // What is in the files need not be recovered from the log at each start.
  await database.exec('CHECKPOINT');
  const files = await database.dumpDataDir('none');
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // Renamed into place, so that no process reads half a file.
  const draft = `${path}.${randomUUID()}`;
  const bytes = Buffer.from(await files.arrayBuffer());
  try {
    await writeFile(draft, bytes);
    await appendFile(draft, checksumOf(bytes));
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  await removeOld(folder);
}

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.startsWith('pglite-') && (await stat(path)).mtimeMs < Date.now() - KEPT_MS) await rm(path);
  }
}
