/** The example of docs/qstash-emulator.md, run by its test. */
import { Client } from '@upstash/qstash';
import { testClock } from '../../dev/qstash/clock.ts';
import { startQstash } from '../../dev/qstash/server.ts';

/** Publishes to an endpoint that always fails, and returns what the dead-letter queue holds after half an hour. */
export async function failsForHalfAnHour(endpoint: string) {
  const clock = testClock(Date.now());
  const qstash = await startQstash({ token: 't', keys: { current: 'sig_1', next: 'sig_2' }, clock });
  const client = new Client({ baseUrl: qstash.url, token: 't' });
  await client.publishJSON({ url: endpoint, body: { n: 1 } });
  await clock.advance(12_000); // the first retry
  await clock.advance(148_000); // the second
  await clock.advance(1_808_000); // the third and last, 30m8s later
  const { messages } = await client.dlq.listMessages();
  await qstash.close();
  return messages;
}
