/** URL groups: one publish, a message for each endpoint. */
import { expect, test } from 'vitest';
import { useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

const groups = () => bench.client.urlGroups;
const addTwo = () =>
  groups().addEndpoints({
    name: 'group',
    endpoints: [{ name: 'first', url: `${bench.url}/1` }, { url: `${bench.url}/2` }],
  });

test('every endpoint gets a message of its own, which names the group', async () => {
  await addTwo();
  const published = await bench.client.publishJSON({ urlGroup: 'group', body: { n: 1 } });
  await bench.qstash.clock.settle();
  expect(published).toEqual([
    { messageId: expect.any(String), url: `${bench.url}/1` },
    { messageId: expect.any(String), url: `${bench.url}/2` },
  ]);
  expect(bench.paths().sort()).toEqual(['/1', '/2']);
  expect(bench.last()).toMatchObject({ body: '{"n":1}', headers: { 'upstash-topic-name': 'group' } });
});

test('a failing endpoint does not affect the others', async () => {
  await addTwo();
  bench.answerTo['/1'] = { status: 500 };
  await bench.client.publish({ urlGroup: 'group', retries: 0 });
  await bench.qstash.clock.settle();
  const { messages } = await bench.client.dlq.listMessages({ filter: { urlGroup: 'group' } });
  expect(messages).toMatchObject([{ url: `${bench.url}/1`, urlGroup: 'group', endpointName: 'first' }]);
});

test('an endpoint is replaced by one with its URL or its name', async () => {
  await addTwo();
  await groups().addEndpoints({
    name: 'group',
    endpoints: [
      { name: 'first', url: `${bench.url}/moved` },
      { name: 'second', url: `${bench.url}/2` },
    ],
  });
  expect((await groups().get('group')).endpoints).toEqual([
    { name: 'first', url: `${bench.url}/moved` },
    { name: 'second', url: `${bench.url}/2` },
  ]);
});

test('a group is removed with its last endpoint', async () => {
  await addTwo();
  await groups().removeEndpoints({ name: 'group', endpoints: [{ name: 'first' }] });
  expect((await groups().get('group')).endpoints).toEqual([{ url: `${bench.url}/2` }]);
  await groups().removeEndpoints({ name: 'group', endpoints: [{ url: `${bench.url}/2` }] });
  await expect(groups().get('group')).rejects.toMatchObject({ status: 404 });
  await expect(bench.client.publish({ urlGroup: 'group' })).rejects.toMatchObject({ status: 400 });
});

test('default headers apply to messages to the group, unless a request has its own', async () => {
  await addTwo();
  const headers = { 'Upstash-Header-Forward': ['true'], 'Upstash-Retries': '5', 'Upstash-Forward-X-Group': 'g' };
  await bench.api('/v2/topics/group', { method: 'PATCH', body: JSON.stringify({ headers }) });
  const publish = (own: Record<string, string>) =>
    bench.api('/v2/publish/group', { method: 'POST', headers: { 'x-hook': '1', 'upstash-delay': '1s', ...own } });
  await publish({});
  await publish({ 'upstash-retries': '0' });
  const retries = bench.qstash.state().messages.map(({ maxRetries }) => maxRetries);
  expect(retries).toEqual([5, 5, 0, 0]);
  await bench.qstash.clock.advance(1_000);
  expect(bench.last().headers).toMatchObject({ 'x-hook': '1', 'x-group': 'g' });
});

test.each([
  ['/v2/topics/a%20b/endpoints', { endpoints: [{ url: 'http://h' }] }],
  ['/v2/topics/a/endpoints', { endpoints: [] }],
  ['/v2/topics/a/endpoints', { endpoints: [{ name: 'n' }] }],
  ['/v2/topics/a/endpoints', { endpoints: [{ url: 'ftp://h' }] }],
  ['/v2/topics/a/endpoints', 'text'],
])('%s with %j is refused', async (path, body) => {
  const response = await bench.api(path, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(400);
  expect(await groups().list()).toEqual([]);
});
