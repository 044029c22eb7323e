/** Calls of the client: the request, the errors, the attempts and the waits between them. */
import { describe, expect, test } from 'vitest';
import { HoldfastError } from '../../../clients/typescript/src/index.ts';
import { json, NOW, problem, stage } from './stage.ts';

const DEAL = { id: 'deal_1', title: 'Nets' };
const NEW = { title: 'Nets', value: '5.00' };
const PAGE = { items: [DEAL], nextCursor: null };
const failure = (call: PromiseLike<unknown>) =>
  Promise.resolve(call).then(
    () => expect.fail('the call succeeded'),
    (error: unknown) => (error instanceof HoldfastError ? error : expect.fail(String(error))),
  );

describe('a request', () => {
  test('has its values in the path, in the query and in the body, and the API key', async () => {
    const { api, sent } = stage([json(200, PAGE), json(200, DEAL)], { apiKey: 'hf_acme_1_secret' });
    await api.deals.list({ stage: 'won', limit: 5, cursor: undefined });
    await api.deals.update({ id: 'deal/1', body: { title: 'Nets' } });
    expect(sent.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['GET', '/deals?stage=won&limit=5', undefined],
      ['PATCH', '/deals/deal%2F1', { title: 'Nets' }],
    ]);
    expect(sent[1]?.headers.get('content-type')).toBe('application/json');
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual(Array(2).fill('Bearer hf_acme_1_secret'));
  });

  test('has the same address after a base URL with a slash at its end', async () => {
    const { api, sent } = stage([json(200, PAGE)], { baseUrl: 'https://api.example.com/' });
    await api.deals.list();
    expect(sent.map(({ path }) => path)).toEqual(['/deals']);
  });

  test.each(['', '.', '..'])('with the id %j, which would reach another path, is not sent', async (id) => {
    const { api, sent } = stage([]);
    await expect(api.deals.get({ id })).rejects.toThrow('deals.get: id is missing');
    expect(sent).toEqual([]);
  });

  test('sends a text as CSV, and the headers and options of the client', async () => {
    const { api, sent } = stage([json(202, { id: 'import_1' })], { headers: () => ({ traceparent: '00-1-2-01' }) });
    await api.imports.create({ body: 'Name\nAda\n' });
    const { headers, body } = sent[0] ?? expect.fail();
    expect([body, headers.get('content-type'), headers.get('traceparent')]).toEqual([
      'Name\nAda\n',
      'text/csv',
      '00-1-2-01',
    ]);
  });
});

describe('an answer', () => {
  test('is JSON, a text, or nothing', async () => {
    const text = new Response('a 1', { headers: { 'content-type': 'text/plain' } });
    const { api } = stage([json(200, DEAL), text, new Response(null, { status: 204 })]);
    expect(await api.deals.get({ id: 'deal_1' })).toEqual(DEAL);
    expect(await api.metrics.get()).toBe('a 1');
    expect(await api.deals.delete({ id: 'deal_1' })).toBeUndefined();
  });

  test('of a list is a page, and the items of all pages', async () => {
    const pages = () => [
      json(200, { items: [1, 2], nextCursor: 'two' }),
      json(200, { items: [], nextCursor: 'three' }),
      json(200, { items: [3], nextCursor: null }),
    ];
    const { api, sent } = stage([json(200, PAGE), ...pages()]);
    expect(await api.deals.list()).toEqual(PAGE);
    const items: unknown[] = [];
    for await (const deal of api.deals.list({ stage: 'won' })) items.push(deal);
    expect(items).toEqual([1, 2, 3]);
    expect(sent.slice(1).map(({ path }) => path)).toEqual([
      '/deals?stage=won',
      '/deals?stage=won&cursor=two',
      '/deals?stage=won&cursor=three',
    ]);
  });

  test('from 400 upwards is an error with its code, fields and request id', async () => {
    const errors = [
      { field: 'title', message: 'is required' },
      { field: 'title', message: 'is too short' },
      { field: 'value', message: 'must be a number' },
    ];
    const { api } = stage([problem(400, 'VALIDATION_FAILED', {}, { errors })]);
    expect(await failure(api.deals.create({ body: NEW }))).toMatchObject({
      ...{ name: 'HoldfastError', status: 400, code: 'VALIDATION_FAILED', requestId: 'request-1' },
      ...{ fields: { title: 'is required', value: 'must be a number' }, operation: 'deals.create' },
      message: 'deals.create: VALIDATION_FAILED it is',
    });
  });

  test('of a proxy is an error too', async () => {
    const { api } = stage([new Response('<h1>Bad gateway</h1>', { status: 502 })], { retries: 0 });
    expect(await failure(api.deals.list())).toMatchObject({ status: 502, code: 'HTTP_502', fields: {} });
  });
});

describe('another attempt', () => {
  test.each([
    ['seconds', '2', 2_000],
    ['a date', new Date(NOW + 7_000).toUTCString(), 7_000],
    ['a date of the past', new Date(NOW - 7_000).toUTCString(), 0],
  ])('waits as long as Retry-After says in %s', async (_form, header, ms) => {
    const { api, sent, waits } = stage([problem(429, 'RATE_LIMITED', { 'retry-after': header }), json(200, DEAL)]);
    expect(await api.deals.get({ id: 'deal_1' })).toEqual(DEAL);
    expect([sent.length, waits]).toEqual([2, [ms]]);
  });

  test('is not made if Retry-After asks for more than the longest wait', async () => {
    const { api, sent } = stage([problem(429, 'RATE_LIMITED', { 'retry-after': '31' })]);
    expect(await failure(api.deals.list())).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 31_000 });
    expect(sent).toHaveLength(1);
  });

  test('waits for a random part of a time that doubles, and ends after three', async () => {
    const { api, sent, waits } = stage(Array.from({ length: 4 }, () => problem(503, 'UNAVAILABLE')));
    expect(await failure(api.deals.list())).toMatchObject({ code: 'UNAVAILABLE' });
    expect([sent.length, waits]).toEqual([4, [125, 250, 500]]);
  });

  test('of a POST has the key of the first one, and another call has another', async () => {
    const { api, sent } = stage([
      new TypeError('socket'),
      problem(503, 'UNAVAILABLE'),
      json(201, DEAL),
      json(201, DEAL),
    ]);
    await api.deals.create({ body: NEW });
    await api.deals.create({ body: NEW });
    expect(sent.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['key-1', 'key-1', 'key-1', 'key-2']);
  });

  test('follows while the first request with this key is running', async () => {
    const running = problem(409, 'IDEMPOTENT_CALL_RUNNING', { 'retry-after': '1' });
    const { api, waits } = stage([new TypeError('socket'), running, json(201, DEAL)]);
    expect(await api.deals.create({ body: NEW })).toEqual(DEAL);
    expect(waits).toEqual([125, 1_000]);
  });

  test('is not made if the API may have performed a request that must not happen twice', async () => {
    const { api, sent } = stage([new TypeError('socket'), problem(503, 'UNAVAILABLE')]);
    const patch = await failure(api.deals.update({ id: 'deal_1', body: { title: 'Nets' } }));
    expect(patch).toMatchObject({ status: 0, code: 'NETWORK', cause: new TypeError('socket') });
    // This POST accepts no key.
    expect(await failure(api.sessions.revokeAll())).toMatchObject({ code: 'UNAVAILABLE' });
    expect(sent).toHaveLength(2);
  });

  test('of a PATCH is made after a 429, which no handler has seen', async () => {
    const { api } = stage([problem(429, 'RATE_LIMITED', { 'retry-after': '1' }), json(200, DEAL)]);
    expect(await api.deals.update({ id: 'deal_1', body: { title: 'Nets' } })).toEqual(DEAL);
  });

  test.each([400, 403, 404, 409, 412, 500])('is not made after a %i', async (status) => {
    const { api, sent } = stage([problem(status, 'NO')]);
    await failure(api.deals.get({ id: 'deal_1' }));
    expect(sent).toHaveLength(1);
  });
});

describe('the time of a call', () => {
  test('a request without an answer ends as TIMEOUT, and is sent again if it may', async () => {
    const { api, sent, guards, passGuards } = stage(['silence', json(200, DEAL)]);
    const call = api.deals.get({ id: 'deal_1' });
    await expect.poll(() => sent.length).toBe(1);
    expect(guards()).toEqual([40_000]);
    passGuards();
    expect(await call).toEqual(DEAL);
  });

  test('the guard of an answered request is taken down', async () => {
    const { api, guards } = stage([json(200, DEAL), problem(404, 'NOT_FOUND')]);
    await api.deals.get({ id: 'deal_1' });
    await failure(api.deals.get({ id: 'deal_1' }));
    expect(guards()).toEqual([]);
  });

  test('an abort ends the request, and the wait before another attempt, with the reason of the signal', async () => {
    const reason = new Error('the page was left');
    const leave = new AbortController();
    const timers: number[] = [];
    const { api, sent } = stage(['silence', problem(503, 'UNAVAILABLE', { 'retry-after': '9' })], {
      // No timer ends.
      parts: { setTimeout: (_run, ms) => timers.push(ms) },
    });
    const call = api.deals.get({ id: 'deal_1' }, { signal: leave.signal });
    await expect.poll(() => sent.length).toBe(1);
    leave.abort(reason);
    await expect(call).rejects.toBe(reason);

    const later = new AbortController();
    const waitingCall = api.deals.get({ id: 'deal_1' }, { signal: later.signal });
    await expect.poll(() => timers.at(-1)).toBe(9_000);
    later.abort(reason);
    await expect(waitingCall).rejects.toBe(reason);
    expect(sent).toHaveLength(2);
  });
});
