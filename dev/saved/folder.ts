/**
 * The folder in which the local cloud keeps its data between two starts. One process at a time may use the folder: it
 * holds a socket whose name derives from the folder's path, and the operating system closes the socket when the
 * process ends in any way.
 */
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A folder that this process uses. */
export interface DataFolder {
  /** The path of a file or folder in it. */
  path(name: string): string;
  /** Releases the folder for another process. */
  close(): Promise<void>;
}

/**
 * Opens the folder, and creates a missing one.
 *
 * @param options.fresh removes its content first
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

/** Whether a process uses the folder. */
export function isInUse(folder: string): Promise<boolean> {
  return answers(socketOf(resolve(folder)));
}

function socketOf(folder: string): string {
  const name = `holdfast-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/** Listens on a socket. A socket file without a listener is left by a killed process, and is removed. */
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
