/** The example of the documentation. */
import { expect, test } from 'vitest';
import { failsForHalfAnHour } from '../../../../docs/examples/qstash-emulator.ts';
import { useQstash } from '../../../support/qstash.ts';

const bench = useQstash();

test('half an hour of retries ends in the dead-letter queue', async () => {
  bench.answerTo['/jobs'] = { status: 500 };
  expect(await failsForHalfAnHour(`${bench.url}/jobs`)).toMatchObject([{ body: '{"n":1}', responseStatus: 500 }]);
  expect(bench.delivered).toHaveLength(4);
});
