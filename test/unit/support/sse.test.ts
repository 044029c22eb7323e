import { expect, test } from 'vitest';
import { readFrames } from '../../support/sse.ts';

const BODY = 'retry: 3000\nid: 1\n\nid: 2\nevent: deals\ndata: {"type":\ndata: "deal.created"}\n\n';

test('frames are read one by one, and a call behind the end throws', async () => {
  const { next } = readFrames(new Response(BODY));
  expect([await next(), await next(), await next()]).toEqual([
    { retry: 3_000, id: '1' },
    { id: '2', event: 'deals', data: '{"type":\n"deal.created"}' },
    null,
  ]);
  await expect(next()).rejects.toThrow('The body has ended');
});

test('a wait for an event that does not come ends', async () => {
  const frames = readFrames(new Response(BODY));
  expect(await frames.event()).toEqual({ event: 'deals', data: { type: 'deal.created' }, id: '2' });
  expect(await frames.event()).toBeNull();
  await expect(frames.event()).rejects.toThrow('The body has ended');
});
