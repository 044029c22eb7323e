/** Live updates of the client: events, resets, and connections that are made again from the cursor. */
import { describe, expect, test } from 'vitest';
import type { FeedEvent } from '../../../clients/typescript/src/index.ts';
import { type Answer, problem, type Sent, stage } from './stage.ts';

const encoder = new TextEncoder();

/** A connection that sends frames. It ends after them, unless it stays open; `breaks` ends it with an error. */
function connection(frames: string[], end: 'close' | 'open' | 'break' = 'close'): Response {
  const left = [...frames];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const frame = left.shift();
      if (frame !== undefined) return controller.enqueue(encoder.encode(frame));
      if (end === 'close') return controller.close();
      if (end === 'break') return controller.error(new TypeError('socket'));
      return new Promise(() => {});
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** Answers with a connection that the client's abort breaks, as a `fetch` does. */
const hanging =
  (frames: string[]): Answer =>
  ({ signal }: Sent) => {
    const { body } = connection(frames, 'open');
    const reader = body?.getReader();
    return new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => signal?.addEventListener('abort', () => controller.error(signal.reason)),
        async pull(controller) {
          const { value } = (await reader?.read()) ?? {};
          if (value) controller.enqueue(value);
        },
      }),
    );
  };

const hello = (id: string) =>
  `retry: 3000\nid: ${id}\nevent: hello\ndata: ${JSON.stringify({ heartbeatMs: 20_000 })}\n\n`;
const event = (id: string, topic: string, data: object) =>
  `id: ${id}\nevent: ${topic}\ndata: ${JSON.stringify(data)}\n\n`;
const beat = (id: string) => `id: ${id}\n\n`;
const bye = (data: object) => `event: bye\ndata: ${JSON.stringify(data)}\n\n`;
const moved = { type: 'deal.moved', id: 'deal_1' };

/** Reads events up to a number, or to the end. */
async function take(events: AsyncIterable<FeedEvent>, most = Number.POSITIVE_INFINITY): Promise<FeedEvent[]> {
  const taken: FeedEvent[] = [];
  if (most === 0) return taken;
  for await (const each of events) {
    taken.push(each);
    if (taken.length >= most) break;
  }
  return taken;
}
const paths = (sent: Sent[]) => sent.map(({ path }) => path);

describe('events', () => {
  test('begin with a reset of each topic, and have the cursor behind them', async () => {
    const { api, sent } = stage([connection([hello('a@0'), event('a@1', 'deals', moved), bye({ why: 'session' })])]);
    expect(await take(api.feeds.listen({ topics: ['deals', 'inbox'] }))).toEqual([
      { kind: 'reset', topic: 'deals', why: 'start', cursor: 'a@0' },
      { kind: 'reset', topic: 'inbox', why: 'start', cursor: 'a@0' },
      { kind: 'event', topic: 'deals', data: moved, cursor: 'a@1' },
    ]);
    expect(paths(sent)).toEqual(['/feeds?topics=deals%2Cinbox']);
  });

  test('of a caller who resumes begin without a reset', async () => {
    const { api, sent } = stage([connection([hello('a@7'), bye({ why: 'session' })])]);
    expect(await take(api.feeds.listen({ topics: ['deals'], after: 'a@7' }))).toEqual([]);
    expect(paths(sent)).toEqual(['/feeds?topics=deals&after=a%407']);
  });

  test('arrive whole from frames that are cut anywhere, also within a character', async () => {
    const bytes = encoder.encode(event('a@1', 'deals', { id: 'Zoë' }));
    const cut = bytes.indexOf(0xc3) + 1;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode(hello('a@0')));
        controller.enqueue(bytes.slice(0, cut));
        controller.enqueue(bytes.slice(cut));
        controller.enqueue(encoder.encode(bye({ why: 'session' })));
        controller.close();
      },
    });
    const { api } = stage([new Response(body)]);
    expect((await take(api.feeds.listen({ topics: ['deals'], after: 'a@0' })))[0]).toMatchObject({
      data: { id: 'Zoë' },
    });
  });

  test('that may be missing are a reset with its reason', async () => {
    const lost = event('a@9', 'reset', { topic: 'deals', why: 'trimmed' });
    const { api } = stage([connection([hello('a@0'), lost, bye({ why: 'session' })])]);
    expect(await take(api.feeds.listen({ topics: ['deals'], after: 'a@0' }))).toEqual([
      { kind: 'reset', topic: 'deals', why: 'trimmed', cursor: 'a@9' },
    ]);
  });
});

describe('a connection that ends', () => {
  test('by age is made again after the server’s time, from the last cursor, also one of a heartbeat', async () => {
    const { api, sent, waits } = stage([
      connection([hello('a@0'), event('a@1', 'deals', moved), beat('a@2'), bye({ why: 'age' })]),
      connection([hello('a@2'), event('a@3', 'deals', moved), bye({ why: 'session' })]),
    ]);
    const cursors = (await take(api.feeds.listen({ topics: ['deals'] }))).map(({ cursor }) => cursor);
    expect(cursors).toEqual(['a@0', 'a@1', 'a@3']);
    expect(paths(sent)[1]).toBe('/feeds?topics=deals&after=a%402');
    expect(waits).toEqual([3_000]);
  });

  test('by a fault is made again, each time after a longer wait', async () => {
    const { api, sent, waits } = stage([
      connection([hello('a@0')], 'break'),
      new TypeError('socket'),
      problem(503, 'UNAVAILABLE', { 'retry-after': '20' }),
      connection([hello('a@0'), bye({ why: 'session' })]),
    ]);
    await take(api.feeds.listen({ topics: ['deals'] }));
    expect([sent.length, waits]).toEqual([4, [4_500, 9_000, 20_000]]);
  });

  test('by a limit waits as long as the server says', async () => {
    const { api, waits } = stage([
      connection([bye({ why: 'limit', retryMs: 11_000 })]),
      connection([hello('a@0'), bye({ why: 'session' })]),
    ]);
    await take(api.feeds.listen({ topics: ['deals'], after: 'a@0' }));
    expect(waits).toEqual([11_000]);
  });

  test('because the session has ended is not made again', async () => {
    const { api, sent } = stage([new Response(null, { status: 204 })]);
    expect(await take(api.feeds.listen({ topics: ['deals'], after: 'a@0' }))).toEqual([]);
    expect(sent).toHaveLength(1);
  });

  test('without a sign, and is silent for 2.5 heartbeats, is made again', async () => {
    const { api, sent, guards, passGuards } = stage([
      hanging([hello('a@0'), beat('a@1')]),
      connection([hello('a@1'), event('a@2', 'deals', moved), bye({ why: 'session' })]),
    ]);
    const events = take(api.feeds.listen({ topics: ['deals'], after: 'a@0' }));
    await expect.poll(guards).toEqual([50_000]);
    passGuards();
    expect(await events).toHaveLength(1);
    expect(sent).toHaveLength(2);
    expect(guards()).toEqual([]);
  });
});

describe('a refusal', () => {
  test.each([403, 404])('with %i ends the events with its error', async (status) => {
    const { api } = stage([problem(status, 'NO')]);
    await expect(take(api.feeds.listen({ topics: ['deals'] }))).rejects.toMatchObject({ status, code: 'NO' });
  });

  test('of the access token is answered with a new one', async () => {
    const { api, sent } = stage(
      [
        problem(401, 'TOKEN_EXPIRED'),
        Response.json({ accessToken: 'new', refreshToken: 'next' }),
        connection([hello('a@0'), bye({ why: 'session' })]),
      ],
      { tokens: { accessToken: 'old', refreshToken: 'first' } },
    );
    await take(api.feeds.listen({ topics: ['deals'] }));
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer old', null, 'Bearer new']);
  });
});

describe('a listener', () => {
  test('that leaves the loop closes the connection', async () => {
    let signal: AbortSignal | undefined;
    const { api } = stage([
      (sent) => {
        signal = sent.signal;
        return connection([hello('a@0'), event('a@1', 'deals', moved)], 'open');
      },
    ]);
    await take(api.feeds.listen({ topics: ['deals'] }), 2);
    expect(signal?.aborted).toBe(true);
  });

  test('whose signal aborts gets the end of the events, and no further request is sent', async () => {
    const leave = new AbortController();
    const { api, sent } = stage([hanging([hello('a@0')])]);
    const taken: FeedEvent[] = [];
    for await (const each of api.feeds.listen({ topics: ['deals'] }, { signal: leave.signal })) {
      taken.push(each);
      leave.abort();
    }
    expect([taken.length, sent.length]).toEqual([1, 1]);
  });
});
