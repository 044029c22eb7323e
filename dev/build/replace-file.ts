/**
 * Writes a file in one step, and only if its content changes. A Worker in development may be serving the file, and each
 * write makes wrangler reload the Worker.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';

export async function replaceFile(path: string, contents: Buffer): Promise<void> {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(contents)) return;
  const next = `${path}.${process.pid}`;
  await writeFile(next, contents);
  await rename(next, path);
}
