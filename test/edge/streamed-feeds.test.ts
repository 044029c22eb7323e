/** Live updates from the Lambda whose URL streams. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startTestLambda, type TestLambda } from '../support/lambda.ts';
import { readFrames } from '../support/sse.ts';
import { createTenant, type OwnTenant } from '../support/tenant.ts';

/** As in serverless.yml. */
const variables = { FEEDS_MODE: 'stream' };

let tenant: OwnTenant;
let lambda: TestLambda;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  lambda = await startTestLambda(inject('cloud'), { variables });
});
afterAll(() => lambda.close());

const authorization = () => ({ authorization: `Bearer ${tenant.keys.all}` });

async function createDeal(title: string): Promise<string> {
  const response = await lambda.fetch('/deals', {
    method: 'POST',
    headers: { ...authorization(), 'content-type': 'application/json' },
    body: JSON.stringify({ title, value: '1' }),
  });
  return ((await response.json()) as { id: string }).id;
}

test('sends hello, and an event while the connection is open', async () => {
  const response = await lambda.stream('/feeds?topics=deals', { headers: authorization() });
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
  });
  const reader = readFrames(response);
  expect(await reader.event()).toMatchObject({ event: 'hello', data: { mode: 'stream' } });
  const id = await createDeal('Streamed');
  expect(await reader.event()).toMatchObject({ event: 'deals', data: { type: 'deal.created', id } });
});

test('says bye at its age, ends the stream and closes the connection', async () => {
  const young = await startTestLambda(inject('cloud'), { variables: { ...variables, FEEDS_AGE_MS: '100' } });
  const response = await young.stream('/feeds?topics=deals', { headers: authorization() });
  const frames = await readFrames(response).rest();
  const events = frames.flatMap(({ event, data = '' }) =>
    event === undefined ? [] : [{ event, data: JSON.parse(data) }],
  );
  expect(events).toMatchObject([{ event: 'hello' }, { event: 'bye', data: { why: 'age' } }]);
  await expect.poll(() => young.lines.filter((line) => line.includes('"feeds.closed"'))).toHaveLength(1);
  expect(young.lines.join('\n')).toContain('"reason":"age"');
  await young.close();
});

test('refuses a caller without credentials, stops a browser that resumes, and serves no other route', async () => {
  const refused = await lambda.stream('/feeds?topics=deals');
  expect({ status: refused.status, type: refused.headers.get('content-type') }).toEqual({
    status: 401,
    type: 'application/problem+json',
  });
  expect(await refused.json()).toMatchObject({ code: 'NOT_AUTHENTICATED' });
  expect((await lambda.stream('/feeds?topics=deals', { headers: { 'last-event-id': 'deals@0.1' } })).status).toBe(204);
  expect((await lambda.stream('/deals', { headers: authorization() })).status).toBe(404);
});

test('a runtime that cannot stream loads the package, and answers the API', async () => {
  const plain = await startTestLambda(inject('cloud'), { canStream: false });
  expect((await plain.fetch('/deals', { headers: authorization() })).status).toBe(200);
  await expect(plain.stream('/feeds?topics=deals')).rejects.toThrow('exports no feeds');
  await plain.close();
});
