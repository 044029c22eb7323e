/**
 * A fresh Postgres data directory takes three seconds to make (initdb in WebAssembly) and a third of a second to load,
 * so the first one is kept in node_modules/.cache. It is only a cache: when it cannot be read or written, initdb runs.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';

/** A database in a folder has the cache of the file system too, so that its own needs not be large. */
const SMALL = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];

/** Opens the database in a folder, and makes it there if there is none. */
export async function openDatabaseIn(folder: string): Promise<PGlite> {
  if (!existsSync(folder)) {
    // Renamed into place, so that a start that is interrupted leaves no half of a database.
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await (await createDatabase(draft)).close();
    await rename(draft, folder);
  }
  return PGlite.create({ dataDir: folder, startParams: SMALL });
}

/**
 * Creates an empty database.
 *
 * @param folder where it keeps its files; default in memory
 */
export async function createDatabase(folder?: string): Promise<PGlite> {
  const path = await snapshotPath();
  const place = folder === undefined ? {} : { dataDir: folder };
  const snapshot = await readFile(path).catch(() => undefined);
  if (snapshot !== undefined) {
    try {
      return await PGlite.create({ ...place, loadDataDir: new Blob([new Uint8Array(snapshot)]) });
    } catch {
      // A damaged snapshot is made again below.
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  }
  const database = await PGlite.create(place);
  await save(database, path).catch(() => {});
  return database;
}

/** Named by the engine's version, so that an upgrade never loads the directory of another one. */
async function snapshotPath(): Promise<string> {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return fileURLToPath(new URL(`../../node_modules/.cache/holdfast/pglite-${version}.tar.gz`, import.meta.url));
}

async function save(database: PGlite, path: string): Promise<void> {
  const dump = await database.dumpDataDir('gzip');
  await mkdir(dirname(path), { recursive: true });
  // Renamed into place, so that nobody reads half a file.
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, Buffer.from(await dump.arrayBuffer()));
  await rename(draft, path);
}
