/**
 * The folder in which the local cloud keeps its data between two starts. Only one process at a time may use the folder.
 * This process listens on a socket whose name is derived from the folder's path. The operating system closes the socket
 * when the process ends, for any reason.
 */
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A folder that this process uses. */
export interface DataFolder {
  /** Returns the path of a file or folder in the data folder. */
  path(name: string): string;
  /** Releases the folder for another process. */
  close(): Promise<void>;
}

/**
 * Opens a folder, and creates a missing folder.
 *
 * @param options.fresh removes the folder's content first
 * @returns undefined if another process uses the folder
 */
export async function openDataFolder(
  folder: string,
  options: { fresh?: boolean } = {},
): Promise<DataFolder | undefined> {
  const lock = await hold(socketOf(resolve(folder)));
  if (lock === undefined) return undefined;
  if (options.fresh) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return {
    path: (name) => join(folder, name),
    close: () => new Promise((done) => lock.close(() => done())),
  };
}

/** Returns true if a process uses the folder. */
export function isInUse(folder: string): Promise<boolean> {
  return answers(socketOf(resolve(folder)));
}

function socketOf(folder: string): string {
  const name = `holdfast-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/**
 * Listens on a socket. If the socket file belongs to a process that was killed, removes the file first. Returns
 * undefined if another process uses the socket.
 */
async function hold(path: string): Promise<Server | undefined> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const server = createServer((socket) => socket.destroy());
    const isHeld = await new Promise<boolean>((done, fail) => {
      server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(false) : fail(error)));
      server.listen(path, () => done(true));
    });
    if (isHeld) return server.unref();
    if (await answers(path)) return undefined;
    await rm(path, { force: true });
  }
  return undefined;
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path, () => done(true));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}
