/** The window is a parameter, because the documentation gives ten minutes and the SDK ninety days. */
import { expect, test } from 'vitest';
import { HOUR, useQstash } from '../../../support/qstash.ts';

const DAYS_90 = 90 * 24 * HOUR;
const bench = useQstash({ limits: { deduplicationWindowMs: DAYS_90 } });

test('an id may be remembered for ninety days', async () => {
  const publish = () => bench.client.publish({ url: bench.url, deduplicationId: 'once' });
  const { messageId } = await publish();
  await bench.qstash.clock.advance(DAYS_90 - 1);
  expect(await publish()).toMatchObject({ messageId, deduplicated: true });
  await bench.qstash.clock.advance(1);
  expect((await publish()).messageId).not.toBe(messageId);
});
