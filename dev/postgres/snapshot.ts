/**
 * Snapshots of databases. A new Postgres data directory takes three seconds (initdb in WebAssembly), and the migrations
 * take another two. So there is a snapshot of the empty database, and a snapshot of the database with the current
 * schema, in the folder node_modules/.cache. An unreadable snapshot is created again. A failed write of a snapshot is
 * ignored.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist';

/** The start parameters, with a small cache: the files are already in memory or in the file system's cache. */
const SMALL = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];
/** The extensions that migrations may create: hosts of PostgreSQL have them too. */
const extensions = { btree_gist };

const CHECKSUM_BYTES = 4;
/** The time after which snapshots of earlier schemas are removed. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Bytes in the form that PGlite reads. A plain Blob would copy the bytes three times. */
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

/** An open database. */
export interface Opened {
  database: PGlite;
  /** Keeps a snapshot for the requested schema. Present only if the database was created without this schema. */
  keep?: () => Promise<void>;
}

/**
 * Opens the database in a folder, or creates a missing database.
 *
 * @param schema the name of the schema for a new database, see {@link createDatabase}
 */
export async function openDatabaseIn(folder: string, schema?: string): Promise<Opened> {
  if (existsSync(folder)) return { database: await openPlace(folder) };
  // The new database is first created under a draft name and then renamed. So an interrupted start leaves no partial
  // database.
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  const { database, keep } = await createDatabase(schema, draft);
  await database.close();
  await rename(draft, folder);
  const opened = await openPlace(folder);
  return { database: opened, ...(keep && schema !== undefined && { keep: keeping(opened, schema) }) };
}

/**
 * Creates a database from the snapshot of the schema. If there is no such snapshot, creates an empty database.
 *
 * @param schema the name of the schema
 * @param folder the folder for its files; default in memory
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
  return PGlite.create({ dataDir: folder, startParams: SMALL, extensions });
}

async function createEmpty(folder?: string): Promise<PGlite> {
  const place = folder === undefined ? {} : { dataDir: folder };
  // A log segment of the default size would be a third of the database, and each start would copy it. So segments are
  // smaller here.
  const database = await PGlite.create({
    ...place,
    startParams: SMALL,
    extensions,
    initDbStartParams: ['--wal-segsize=1'],
  });
  await save(database, await snapshotPath()).catch(() => {});
  return database;
}

/** Creates a database from a snapshot; undefined if the snapshot is missing or unreadable. */
async function load(path: string, folder?: string): Promise<PGlite | undefined> {
  try {
    const files = new Bytes(await readChecked(path));
    const place = folder === undefined ? {} : { dataDir: folder };
    return await PGlite.create({ ...place, startParams: SMALL, extensions, loadDataDir: files });
  } catch {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}

function keeping(database: PGlite, schema: string): () => Promise<void> {
  return async () => save(database, await snapshotPath(schema)).catch(() => {});
}

/** Reads a snapshot, whose last bytes are a checksum of the other bytes, and throws if the checksum is wrong. */
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

/**
 * Returns the path of a snapshot. The path contains the version of the engine, because an engine must not load the data
 * directory of another version.
 */
export async function snapshotPath(schema?: string): Promise<string> {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const name = `pglite-${version}-${schema ?? 'empty'}`;
  return fileURLToPath(new URL(`../../node_modules/.cache/holdfast/${name}`, import.meta.url));
}

async function save(database: PGlite, path: string): Promise<void> {
  // After this checkpoint, a start from the snapshot need not recover data from the log.
  await database.exec('CHECKPOINT');
  const files = await database.dumpDataDir('none');
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // The file is first written under a draft name and then renamed. So no process reads a partial file.
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
