/** The same requests, answered alike by workerd, Lambda and Node. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKeys } from '../../prisma/demo.ts';
import { type HostAnswer, type HostName, type HostRequest, hostNames, startHosts } from '../support/hosts.ts';

let hosts: Awaited<ReturnType<typeof startHosts>>;
beforeAll(async () => {
  hosts = await startHosts();
});
afterAll(() => Promise.all(hostNames.map((name) => hosts[name].close())));

const JSON_TYPE = /^application\/json/;
const PROBLEM = /^application\/problem\+json/;
const unknownKey = demoKeys.acme.replace('demo00000001', 'none00000001');
const wrongSecret = demoKeys.acme.replace(/01$/, '02');

interface Expected {
  status: number;
  type: RegExp;
  /** A part of the body. */
  body?: object;
  headers?: Record<string, string>;
}

const problem = (status: number, code: string, fields: string[] = []): Expected => ({
  status,
  type: PROBLEM,
  body: {
    status,
    code,
    ...(fields.length > 0 ? { errors: fields.map((field) => expect.objectContaining({ field })) } : {}),
  },
});

const requests: [string, HostRequest, Expected][] = [
  ['liveness', { path: '/health', key: null }, { status: 200, type: JSON_TYPE, body: { status: 'ok' } }],
  [
    'readiness',
    { path: '/health/ready', key: null },
    { status: 200, type: JSON_TYPE, body: { status: 'ok', database: { status: 'ok' } } },
  ],
  ['the page of the API', { path: '/docs', key: null }, { status: 200, type: /^text\/html/ }],
  ['the page of the API with a trailing slash', { path: '/docs/', key: null }, { status: 200, type: /^text\/html/ }],
  [
    'no key',
    { path: '/deals', key: null },
    { ...problem(401, 'NOT_AUTHENTICATED'), headers: { 'www-authenticate': 'Bearer realm="holdfast"' } },
  ],
  ['an unknown key', { path: '/deals', key: unknownKey }, problem(401, 'NOT_AUTHENTICATED')],
  ['a wrong secret', { path: '/deals', key: wrongSecret }, problem(401, 'NOT_AUTHENTICATED')],
  [
    'a read-only key that writes',
    { path: '/deals', method: 'POST', key: demoKeys.acmeReadOnly, json: { title: 'No', value: 1 } },
    problem(403, 'NOT_ALLOWED'),
  ],
  ['an unknown path', { path: '/nothing/here' }, problem(404, 'NO_SUCH_ROUTE')],
  [
    'a method that the path does not serve',
    { path: '/deals', method: 'PUT', json: { title: 'No' } },
    { ...problem(405, 'METHOD_NOT_ALLOWED'), headers: { allow: 'GET, HEAD, POST, OPTIONS' } },
  ],
  [
    'a trailing slash',
    { path: '/companies/?search=%C3%89cume' },
    { status: 200, type: JSON_TYPE, body: { items: [], nextCursor: null } },
  ],
  ['a trailing slash on an unknown path', { path: '/nothing/here/' }, problem(404, 'NO_SUCH_ROUTE')],
  ['a missing deal', { path: '/deals/deal_none' }, problem(404, 'NOT_FOUND')],
  ['a change of a missing deal', change('deal_none', { title: 'x' }), problem(404, 'NOT_FOUND')],
  ['a page size out of range', { path: '/deals?limit=101' }, problem(400, 'VALIDATION_FAILED', ['limit'])],
  ['an unknown parameter', { path: '/deals?colour=red' }, problem(400, 'VALIDATION_FAILED', ['colour'])],
  [
    'several wrong fields',
    { path: '/deals', method: 'POST', json: { title: '', value: 'much', stage: 'maybe', colour: 'red' } },
    problem(400, 'VALIDATION_FAILED', ['title', 'stage', 'value', 'colour']),
  ],
  ['an empty change', change('deal_none', {}), problem(400, 'VALIDATION_FAILED', ['body'])],
  ['a body that is not JSON', post('{"title":', 'application/json'), problem(400, 'MALFORMED_BODY', ['body'])],
  ['a body of another type', post('title=x', 'text/plain'), problem(415, 'UNSUPPORTED_MEDIA_TYPE', ['content-type'])],
  [
    'a body of a type that is not text',
    post('title=x', 'application/octet-stream'),
    problem(415, 'UNSUPPORTED_MEDIA_TYPE', ['content-type']),
  ],
  [
    'a body that is too large',
    post(JSON.stringify({ title: 'x'.repeat(256 * 1024) }), 'application/json'),
    problem(413, 'BODY_TOO_LARGE'),
  ],
  [
    'text beyond ASCII',
    { path: '/companies?search=%C3%89cume%20%26%20%E6%B5%B7' },
    { status: 200, type: JSON_TYPE, body: { items: [], nextCursor: null } },
  ],
];

function change(id: string, json: object): HostRequest {
  return { path: `/deals/${id}`, method: 'PATCH', json };
}

function post(body: string, type: string): HostRequest {
  return { path: '/deals', method: 'POST', body, headers: { 'content-type': type } };
}

describe.each(requests)('%s', (_, request, expected) => {
  test('has the same answer on every host', async () => {
    const answers = {} as Record<HostName, HostAnswer>;
    // Twice, one host after the other: the second time, every host finds the cache entries of the first.
    for (const name of hostNames) await hosts[name].send(request);
    for (const name of hostNames) answers[name] = await hosts[name].send(request);
    for (const name of hostNames) {
      const { status, contentType, headers, body } = answers[name];
      expect({ name, status, type: contentType }).toEqual({
        name,
        status: expected.status,
        type: expect.stringMatching(expected.type),
      });
      if (expected.body) expect(body).toMatchObject(expected.body);
      for (const [header, value] of Object.entries(expected.headers ?? {})) expect(headers.get(header)).toBe(value);
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{22}$/);
    }
    expect(comparable(answers.worker)).toEqual(comparable(answers.node));
    expect(comparable(answers.lambda)).toEqual(comparable(answers.node));
  });
});

test('a request id that the caller brings is kept', async () => {
  for (const name of hostNames) {
    const { headers } = await hosts[name].send({ path: '/health', headers: { 'x-request-id': 'followed-through' } });
    expect(headers.get('x-request-id')).toBe('followed-through');
  }
});

test.each(hostNames)('on %s HEAD and OPTIONS have no body, and OPTIONS names the methods', async (name) => {
  const head = await hosts[name].send({ path: '/docs', method: 'HEAD', key: null });
  expect({ status: head.status, body: head.body }).toEqual({ status: 200, body: '' });
  const options = await hosts[name].send({ path: '/deals', method: 'OPTIONS', key: null });
  expect({ status: options.status, body: options.body }).toEqual({ status: 204, body: '' });
  expect(options.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
  expect(options.cost).toEqual({ redis: '0 requests, 0 commands', db: '0 queries' });
});

/** An answer without the parts that always differ: its request id, and the counts of an instance. */
function comparable({ status, contentType, cache, cost, body }: HostAnswer) {
  const { requestId: _, stats: __, hitRatio: ___, redis: ____, ...rest } = Object(body) as Record<string, unknown>;
  return { status, contentType: contentType?.toLowerCase(), cache, cost, body: typeof body === 'string' ? body : rest };
}
