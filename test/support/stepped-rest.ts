/**
 * A proxy before the REST server of Redis, at which a test acts in the steps of a connection of `GET /feeds`: the
 * connection may be in another process, such as workerd.
 */
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Step } from './placements.ts';

export interface SteppedRest {
  url: string;
  /** Acts at a step of a connection; the connection waits. */
  at: ((step: Exclude<Step, 'live'>) => Promise<unknown>) | undefined;
  /** The number of subscriptions so far, and of those that are open. */
  readonly subscriptions: { made: number; open: number };
  close(): Promise<void>;
}

/** Starts the proxy of a REST server. */
export async function startSteppedRest(target: string): Promise<SteppedRest> {
  const subscriptions = { made: 0, open: 0 };

  /** Forwards a subscription. Its first message is the confirmation. */
  async function subscribe(url: string, headers: object, response: ServerResponse): Promise<void> {
    await stepped.at?.('before');
    subscriptions.made += 1;
    subscriptions.open += 1;
    const upstream = request(new URL(url, target), { headers: { ...headers } }, async (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      let isConfirmed = false;
      try {
        for await (const part of answer) {
          if (!isConfirmed) await stepped.at?.('subscribed');
          isConfirmed = true;
          response.write(part);
        }
        response.end();
      } catch {
        // Either side may disconnect at any time.
        response.destroy();
      }
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => {
      subscriptions.open -= 1;
      upstream.destroy();
    });
    upstream.end();
  }

  const server = createServer((incoming, response) => {
    const { url = '/', method = 'GET', headers } = incoming;
    if (url.startsWith('/subscribe')) return void subscribe(url, headers, response);
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part as Buffer);
      const body = Buffer.concat(parts);
      const answer = await fetch(new URL(url, target), {
        method,
        headers: { authorization: String(headers.authorization), 'content-type': 'application/json' },
        ...(body.length > 0 && { body }),
      });
      const text = await answer.text();
      // The key of the caller's connections is in each check, and in the end of a connection.
      if (body.includes(':pr:')) await stepped.at?.('read');
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const stepped: SteppedRest = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    at: undefined,
    subscriptions,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stepped;
}
