/** A server that receives webhooks, for tests in a world of jobs. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import type { JobWorld } from '../../support/job-world.ts';
import { ask } from './transfers.ts';

/** A request that the receiver got. */
export interface Received {
  path: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A receiver: its requests so far, and the answer to each further request. */
export interface Receiver {
  url: string;
  status: number;
  retryAfter: string | undefined;
  /** The answers leave after it: a test sees the state of a delivery on its way. */
  holding: Promise<void> | undefined;
  received: Received[];
  /** Forgets the requests, and answers 200 again. */
  reset(): void;
  close(): void;
}

/** Starts a receiver. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    receiver.received.push({ path: request.url, headers: request.headers, body });
    const { status, retryAfter, holding } = receiver;
    await holding;
    const headers = {
      ...(status === 302 && { location: '/elsewhere' }),
      ...(retryAfter && { 'retry-after': retryAfter }),
    };
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    status: 200,
    retryAfter: undefined,
    holding: undefined,
    received: [],
    reset: () => Object.assign(receiver, { status: 200, retryAfter: undefined, holding: undefined, received: [] }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}

/** Adds a webhook with the key of the world's tenant. */
export async function addWebhook(world: JobWorld, url: string, events: string[]) {
  const response = await ask(world, '/webhooks', { method: 'POST', json: { url, events } });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: string; secret: string };
}

/** Adds a company, which is an event for webhooks. */
export async function addCompany(world: JobWorld, name = 'Kelp'): Promise<{ id: string }> {
  const response = await ask(world, '/companies', { method: 'POST', json: { name } });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: string };
}
