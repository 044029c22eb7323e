/** A part whose port is taken reports that and uses the next free port. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { listenOnFreePort } from '../../../dev/cloud/ports.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** Pretends that some ports are taken. */
function listenExceptOn(taken: number[]): (port: number) => Promise<number> {
  return async (port) => {
    if (taken.includes(port)) throw Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
    return port;
  };
}

test('a taken port: the message names the part, the port and its replacement', async () => {
  const taken = await listen(0);
  const log: string[] = [];
  const port = await listenOnFreePort('mail', { port: taken, log: (line) => log.push(line) }, listen);
  expect(port).toBeGreaterThan(taken);
  expect(log).toEqual([`mail: port ${taken} is taken, using ${port} instead`]);
});

test('a free port is used without a message', async () => {
  const log: string[] = [];
  expect(await listenOnFreePort('mail', { port: 8025, log: (line) => log.push(line) }, listenExceptOn([]))).toBe(8025);
  expect(log).toEqual([]);
});

test('a port reserved for another part is skipped', async () => {
  const reserved = new Set([8080]);
  expect(await listenOnFreePort('redisRest', { port: 8079, reserved }, listenExceptOn([8079, 8081]))).toBe(8082);
});

test('when all ports are taken, the error names the part', async () => {
  const always = async (): Promise<never> => {
    throw Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
  };
  await expect(listenOnFreePort('qstash', { port: 8080 }, always)).rejects.toMatchObject({
    code: 'no_free_port',
    part: 'qstash',
    message: expect.stringContaining('8080'),
  });
});

test('any other error than a taken port is passed on', async () => {
  const tried: number[] = [];
  const denied = async (port: number): Promise<never> => {
    tried.push(port);
    throw Object.assign(new Error('denied'), { code: 'EACCES' });
  };
  await expect(listenOnFreePort('redis', { port: 80 }, denied)).rejects.toThrow('denied');
  expect(tried).toEqual([80]);
});
