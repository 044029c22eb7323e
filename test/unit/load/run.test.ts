/** The load of `npm run demo:load` on a service that fails: each request counts, and the report names the failures. */
import { expect, test } from 'vitest';
import { reportLines } from '../../../dev/load/report.ts';
import { runLoad } from '../../../dev/load/run.ts';
import { createTally, requestsIn } from '../../../dev/load/tally.ts';
import { seededRandom } from '../../../dev/random/seeded.ts';
import { histogramOf } from '../../../src/platform/counters/index.ts';

const NO_TIMES = histogramOf(new Map(), 0);
const UNKNOWN = { before: null, after: null };
const rows = { companies: ['company_1'], contacts: ['contact_1'], deals: ['deal_1'] };

/** Runs a load of 40 requests whose answers have these statuses in turn; 0 is no answer. */
async function load(statuses: readonly number[]) {
  const tally = createTally(() => 0);
  let sent = 0;
  let answers = 0;
  const send = async () => {
    const status = statuses[sent % statuses.length] ?? 0;
    sent += 1;
    if (status === 0) throw new TypeError('fetch failed');
    return new Response('{}', { status, headers: { 'x-cache': sent % 2 === 0 ? 'HIT' : 'MISS' } });
  };
  const result = await runLoad(
    { users: 40, minutes: 1, pace: 60 },
    {
      visitors: [{ rows, send }],
      tally,
      random: seededRandom(1),
      now: () => 0,
      wait: async () => undefined,
      onProgress: (count) => {
        answers = count;
      },
    },
  );
  return { tally, result, sent, answers };
}

test('requests without an answer and with an error are counted, and do not end the load', async () => {
  const { tally, result, sent, answers } = await load([200, 0, 503, 429]);
  expect([sent, answers, requestsIn(tally.routes.values())]).toEqual([40, 40, 40]);
  const requests = new Map([...tally.routes].map(([route, each]) => [route, requestsIn([each])]));
  const lines = reportLines(tally.routes, result, { requests, times: NO_TIMES }, UNKNOWN);
  expect(lines).toContain('errors       20 failed, 10 refused');
  expect(lines).toContain(`counters     equal the requests of all ${tally.routes.size} routes`);
});

test('the report names each route whose counter differs', async () => {
  const { tally, result } = await load([200]);
  const requests = new Map([...tally.routes].map(([route, each]) => [route, requestsIn([each])]));
  const all = requests.get('GET /deals') ?? 0;
  requests.set('GET /deals', all - 1);
  const lines = reportLines(tally.routes, result, { requests, times: NO_TIMES }, UNKNOWN);
  expect(lines).toContain('errors       0 failed, 0 refused');
  expect(lines.at(-1)).toBe(`counters     differ: GET /deals ${all - 1} of ${all}`);
});
