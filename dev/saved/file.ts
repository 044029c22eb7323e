/**
 * Keeps a copy of a value in a file. The file is written every two seconds if the value has changed, and once more at
 * the end. Each time, a complete new file replaces the old file. So if the process is killed, the file is complete.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';

/** A file that is being kept up to date. */
export interface SavedFile {
  /** Writes the file for the last time. */
  close(): Promise<void>;
}

/** The longest time from a change to its write, in ms. */
export const SAVE_EVERY_MS = 2_000;

/**
 * Keeps a file up to date.
 *
 * @param read returns the value to write (maps, sets, dates and buffers are allowed); `isLast` is true at the end
 */
export function keepSaved(file: string, read: (isLast: boolean) => Promise<unknown>): SavedFile {
  let written: Buffer | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(isLast: boolean): Promise<void> {
    const bytes = serialize(await read(isLast));
    if (written?.equals(bytes)) return;
    await writeFile(`${file}.draft`, bytes);
    await rename(`${file}.draft`, file);
    written = bytes;
  }

  const next = (isLast: boolean): Promise<void> => {
    writing = writing.then(() => write(isLast)).catch(() => {});
    return writing;
  };
  const timer = setInterval(() => void next(false), SAVE_EVERY_MS).unref();
  return {
    close() {
      clearInterval(timer);
      return next(true);
    },
  };
}

/** Reads the value in a file; undefined if the file is missing or unreadable. */
export async function readSaved(file: string): Promise<unknown> {
  try {
    return deserialize(await readFile(file));
  } catch {
    return undefined;
  }
}
