/** Pipelines of one turn share a request to Redis, and each caller gets its own replies. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { itemsOf } from '../../src/platform/joined-fetch.ts';
import { createRedisFetch } from '../../src/platform/keep-alive-fetch.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/pipeline`;
}

/** A Redis that answers each command with its last argument, and `BAD` with an error. */
async function echo() {
  const requests: string[][][] = [];
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const commands = JSON.parse(Buffer.concat(chunks).toString()) as string[][];
    requests.push(commands);
    response.end(
      JSON.stringify(
        commands.map((command) => (command[0] === 'BAD' ? { error: 'ERR bad' } : { result: command.at(-1) })),
      ),
    );
  });
  return { url, requests };
}

const pipeline = (commands: string[][], more: { token?: string; signal?: AbortSignal } = {}) => ({
  method: 'POST',
  headers: { authorization: `Bearer ${more.token ?? 'one'}` },
  body: JSON.stringify(commands),
  commands: commands.length,
  ...(more.signal ? { signal: more.signal } : {}),
});

describe('pipelines of one turn', () => {
  test('share one request, in their order, and each gets its own replies and errors', async () => {
    const { url, requests } = await echo();
    const send = createRedisFetch();
    const asked = [[['GET', 'a']], [['SET', 'b', '"],[{,\\'], ['BAD']], [['GET', 'ü']]];
    const answers = await Promise.all(asked.map(async (each) => (await send(url, pipeline(each))).text()));
    expect(answers.map((text) => JSON.parse(text))).toEqual([
      [{ result: 'a' }],
      [{ result: '"],[{,\\' }, { error: 'ERR bad' }],
      [{ result: 'ü' }],
    ]);
    expect(requests).toEqual([asked.flat()]);
  });

  test('with different tokens do not share a request', async () => {
    const { url, requests } = await echo();
    const send = createRedisFetch();
    await Promise.all(['one', 'two'].map((token) => send(url, pipeline([['GET', token]], { token }))));
    expect(requests.map(({ length }) => length)).toEqual([1, 1]);
  });

  test('of more than 200 commands are divided', async () => {
    const { url, requests } = await echo();
    const send = createRedisFetch();
    const hundred = Array.from({ length: 100 }, (_, n) => ['GET', String(n)]);
    await Promise.all([hundred, hundred, hundred].map((each) => send(url, pipeline(each))));
    expect(requests.map(({ length }) => length).sort()).toEqual([100, 200]);
  });

  test('all get a refusal of the server, with its status', async () => {
    const url = await serve((_request, response) => response.writeHead(503).end('{"error":"down"}'));
    const send = createRedisFetch();
    const answers = await Promise.all([1, 2].map((n) => send(url, pipeline([['GET', String(n)]]))));
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  });

  test('all get an answer with too few replies as it is', async () => {
    const url = await serve((_request, response) => response.end('[{"result":1}]'));
    const send = createRedisFetch();
    const answers = await Promise.all([1, 2].map((n) => send(url, pipeline([['A'], ['B', String(n)]]))));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['[{"result":1}]', '[{"result":1}]']);
  });

  test('all fail if the connection breaks', async () => {
    const url = await serve((_request, response) => response.destroy());
    const send = createRedisFetch();
    const outcomes = await Promise.allSettled([1, 2].map((n) => send(url, pipeline([['GET', String(n)]]))));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('a caller that gives up', () => {
  test('is rejected at once; the others get their replies', async () => {
    let answer = (): void => {};
    const url = await serve((_request, response) => {
      answer = () => response.end('[{"result":1},{"result":2}]');
      giveUp.abort('enough');
    });
    const giveUp = new AbortController();
    const send = createRedisFetch();
    const left = send(url, pipeline([['GET', 'a']], { signal: giveUp.signal }));
    const stays = send(url, pipeline([['GET', 'b']]));
    await expect(left).rejects.toBe('enough');
    answer();
    expect(await (await stays).text()).toBe('[{"result":2}]');
  });

  test('before the request is sent takes its commands along', async () => {
    const { url, requests } = await echo();
    const send = createRedisFetch();
    const giveUp = new AbortController();
    const left = send(url, pipeline([['SET', 'a', '1']], { signal: giveUp.signal }));
    const stays = send(url, pipeline([['GET', 'b']]));
    giveUp.abort('enough');
    await expect(left).rejects.toBe('enough');
    await stays;
    expect(requests).toEqual([[['GET', 'b']]]);
  });

  test('aborts the request only if all have given up', async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const url = await serve((request) => {
      request.on('close', resolve);
      for (const each of callers) each.abort('enough');
    });
    const callers = [new AbortController(), new AbortController()];
    const send = createRedisFetch();
    const sent = callers.map(({ signal }) => send(url, pipeline([['GET', 'a']], { signal })));
    for (const each of sent) await expect(each).rejects.toBe('enough');
    await aborted;
  });
});

test('a request that is no pipeline is sent as it is', async () => {
  const { url, requests } = await echo();
  const send = createRedisFetch();
  await Promise.all([1, 2].map((n) => send(url, { method: 'POST', body: JSON.stringify([['GET', String(n)]]) })));
  expect(requests).toHaveLength(2);
});

describe('the items of a JSON list', () => {
  test.each([[[]], [[1]], [[[1, [2, 3]], { a: [1, { b: ',' }] }, null, 'x']], [['"', '\\', '\\"', ',]}', '\u2028']]])(
    '%j',
    (list) => {
      expect(itemsOf(JSON.stringify(list))?.map((item) => JSON.parse(item))).toEqual(list);
    },
  );

  test.each(['', '{}', '[', '[[1]', '"[]"', '[{]'])('%j is no list', (text) => {
    expect(itemsOf(text)).toBeNull();
  });
});
