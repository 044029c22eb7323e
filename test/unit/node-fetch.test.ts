/** The small `fetch` against real servers on this machine: messages, failures and the reuse of connections. */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { selfSignedCertificate } from '../support/certificate.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server that keeps idle connections for ever without announcing it, and records its connections. */
async function serve(listener: RequestListener, server: Server = createHttpServer({ keepAliveTimeout: 0 })) {
  const sockets: Socket[] = [];
  let requests = 0;
  server.on(server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection', (socket: Socket) =>
    sockets.push(socket),
  );
  server.on('request', (request, response) => {
    requests += 1;
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/pipeline`,
    port,
    /** Connections so far, in order. */
    sockets,
    requests: () => requests,
  };
}

const hello: RequestListener = (_request, response) => response.end('hello');
/** Answers once this number of requests has arrived, so that each request has a connection of its own. */
function together(count: number): RequestListener {
  const waiting: (() => void)[] = [];
  return (_request, response) => {
    waiting.push(() => response.end('hello'));
    if (waiting.length === count) for (const answer of waiting.splice(0)) answer();
  };
}
const closed = (socket: Socket | undefined) => (socket?.destroyed ? undefined : socket && once(socket, 'close'));

describe('requests and responses', () => {
  test('method, path, headers and body', async () => {
    const seen = Promise.withResolvers<unknown>();
    const { url } = await serve(async (request, response) => {
      const { method, url: path, headers } = request;
      seen.resolve({ method, path, token: headers.authorization, length: headers['content-length'] });
      response.end(await textOf(request));
    });
    const body = '[["SET","kä","🌊"]]';
    const answer = await createNodeFetch()(url, { method: 'POST', headers: { authorization: 'Bearer x' }, body });
    expect({ status: answer.status, ok: answer.ok, text: await answer.text() }).toEqual({
      status: 200,
      ok: true,
      text: body,
    });
    const length = String(Buffer.byteLength(body));
    expect(await seen.promise).toEqual({ method: 'POST', path: '/pipeline', token: 'Bearer x', length });
  });

  test.each([204, 302, 401, 413, 500, 503])('%i is an answer, not an error', async (status) => {
    const { url } = await serve((_request, response) => {
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end(status === 204 ? '' : 'why');
    });
    const answer = await createNodeFetch()(url);
    expect({ status: answer.status, ok: answer.ok, text: await answer.text() }).toEqual({
      status,
      ok: status === 204,
      text: status === 204 ? '' : 'why',
    });
  });

  test('8 MiB each way', async () => {
    const { url } = await serve(async (request, response) => response.end(await textOf(request)));
    const body = 'tide🌊'.repeat((8 * 1024 * 1024) / 8);
    const answer = await createNodeFetch()(url, { method: 'POST', body });
    expect((await answer.text()) === body).toBe(true);
  });

  test('characters that are split between chunks', async () => {
    const text = 'ü→🌊';
    const { url } = await serve(async (_request, response) => {
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    expect(await (await createNodeFetch()(url)).text()).toBe(text);
  });

  test('https, from servers whose certificate is trusted', async () => {
    const { key, cert } = selfSignedCertificate();
    const { port, sockets } = await serve(hello, createHttpsServer({ key, cert, keepAliveTimeout: 0 }));
    const url = `https://127.0.0.1:${port}/`;
    await expect(createNodeFetch()(url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const trusted = getCACertificates('default');
    try {
      setDefaultCACertificates([...trusted, cert]);
      const send = createNodeFetch();
      for (const _ of [1, 2]) expect(await (await send(url)).text()).toBe('hello');
      expect(sockets).toHaveLength(1);
    } finally {
      setDefaultCACertificates(trusted);
    }
  });
});

describe('failures', () => {
  test('no server listens', async () => {
    const { url } = await serve(hello);
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    await expect(createNodeFetch()(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test.each<[string, RequestListener]>([
    ['before the answer', (_request, response) => response.destroy()],
    [
      'within a body of known length',
      (_request, response) =>
        response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy()),
    ],
    ['within a body in chunks', (_request, response) => response.write('half', () => response.destroy())],
  ])('the connection breaks %s', async (_when, listener) => {
    const { url } = await serve(listener);
    await expect(createNodeFetch()(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('nonsense instead of HTTP', async () => {
    const { url } = await serve((_request, response) => response.socket?.end('PONG\r\n\r\n'));
    await expect(createNodeFetch()(url)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) });
  });
});

describe('aborting', () => {
  test.each<[string, RequestListener]>([
    ['before the answer', () => {}],
    ['within the body', (_request, response) => response.writeHead(200, { 'content-length': 100 }).write('half')],
  ])('%s: the signal’s reason, and the connection is closed', async (_when, listener) => {
    const { url, sockets } = await serve(listener);
    const signal = AbortSignal.timeout(100);
    const reason = await createNodeFetch()(url, { signal }).catch((error: unknown) => error);
    expect(reason).toBe(signal.reason);
    expect(reason).toMatchObject({ name: 'TimeoutError' });
    await closed(sockets[0]);
  });

  test('passes the reason on unchanged', async () => {
    const giveUp = new AbortController();
    const { url } = await serve(() => giveUp.abort('enough'));
    await expect(createNodeFetch()(url, { signal: giveUp.signal })).rejects.toBe('enough');
  });

  test('before the start sends nothing', async () => {
    const { url, sockets } = await serve(hello);
    await expect(createNodeFetch()(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(sockets).toHaveLength(0);
  });

  test('after the answer has no effect', async () => {
    const { url } = await serve(hello);
    const giveUp = new AbortController();
    const send = createNodeFetch();
    const answer = await send(url, { signal: giveUp.signal });
    giveUp.abort();
    expect(await answer.text()).toBe('hello');
    expect((await send(url)).status).toBe(200);
  });
});

describe('connections', () => {
  test('are kept and reused, each by one request at a time', async () => {
    const { url, sockets } = await serve(together(2));
    const send = createNodeFetch();
    for (const _ of [1, 2, 3]) await Promise.all([send(url), send(url)]);
    expect(sockets).toHaveLength(2);
  });

  test('are not reused once the server has closed them', async () => {
    const { url, sockets } = await serve(hello);
    const send = createNodeFetch();
    await send(url);
    sockets[0]?.end();
    await closed(sockets[0]);
    expect((await send(url)).status).toBe(200);
    expect(sockets).toHaveLength(2);
  });

  test('that break before the answer fail their request without a retry, and idle ones are closed', async () => {
    let breaking = false;
    const answer = together(2);
    const { url, sockets, requests } = await serve((request, response) => {
      if (breaking) response.destroy();
      else answer(request, response);
    });
    const send = createNodeFetch({ idleMs: 60_000 });
    await Promise.all([send(url), send(url)]);
    breaking = true;
    await expect(send(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await Promise.all(sockets.map(closed));
    expect({ requests: requests(), connections: sockets.length }).toEqual({ requests: 3, connections: 2 });
  });

  test('are not reused when idle too long by the clock, even if no timer ran (in a frozen Lambda)', async () => {
    const clock = { now: Date.now() };
    const { url, sockets } = await serve(hello);
    const send = createNodeFetch({ now: () => clock.now });
    await send(url);
    clock.now += 3_999;
    await send(url);
    expect(sockets).toHaveLength(1);
    clock.now += 4_000;
    await send(url);
    expect(sockets).toHaveLength(2);
    await closed(sockets[0]);
  });

  test('are closed when idle too long, sooner if the server announces it', async () => {
    const { url, sockets } = await serve(hello);
    await createNodeFetch({ idleMs: 20 })(url);
    await closed(sockets[0]);
    const short = await serve((_request, response) => response.setHeader('keep-alive', 'timeout=1').end('hello'));
    const send = createNodeFetch();
    await send(short.url);
    await send(short.url);
    expect(short.sockets).toHaveLength(2);
  });
});
