/** Computes the id of a build: a hash of the bundle's inputs. So the same checkout has the same id on every machine. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './replace-file.ts';

const root = join(import.meta.dirname, '../..');
/**
 * The inputs of a bundle. If a package changes, the lock file changes too. If Prisma's client changes, the schema
 * changes too.
 */
const INPUTS = ['src', 'functions', 'dev', 'prisma/schema.prisma', 'package-lock.json', 'wrangler.toml'];
/** The form of an id in a bundle. */
export const BUILD_ID_FORM = /\bbuild-[0-9a-f]{12}\b/;

/**
 * Writes `dist/build-id.ts` for a bundle. With `isLocal`, the bundle has no id. Otherwise each saved file would give a
 * new id, and `npm run dev` would bundle twice.
 */
export async function writeBuildId(isLocal: boolean): Promise<void> {
  await mkdir(join(root, 'dist'), { recursive: true });
  const id = isLocal ? 'undefined' : `'${await buildId()}'`;
  await replaceFile(join(root, 'dist/build-id.ts'), Buffer.from(`export const BUILD_ID = ${id};\n`));
}

/** Computes the id of the present code. */
export async function buildId(): Promise<string> {
  const hash = createHash('sha256');
  for (const path of (await Promise.all(INPUTS.map(filesOf))).flat()) {
    hash
      .update(`${path}\0`)
      .update(await readFile(join(root, path)))
      .update('\0');
  }
  return `build-${hash.digest('hex').slice(0, 12)}`;
}

/** Returns the paths of a folder's files, or of one file, from the root, in the same order on every machine. */
async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((file) => !file.startsWith('src/generated/'))
    .sort();
}
