/**
 * A thousand jobs in a storm: processes die and freeze at every step, answers are lost, Redis and QStash refuse,
 * messages arrive twice, late and out of order. After the storm, a log outside the app and the database show that no
 * job was lost, no effect happened twice, and no ended job ran again.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { enqueue, enqueueMany, job, retryLater } from '../../src/platform/jobs/index.ts';
import { GRACE_MS } from '../../src/platform/jobs/lua.ts';
import { leaseMsOf } from '../../src/platform/jobs/message.ts';
import { createEffectLog } from '../support/effect-log.ts';
import { drawOf, type Fate, type Place, seededDestiny } from '../support/mortal.ts';
import { openStorm, type Storm } from '../support/storm.ts';

const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const WRITES = 960;
const MINUTE = 60_000;
/** A number that no write of the storm has. */
const PLAIN = 1_000_000;
const RATES: Record<Fate, number> = {
  'die-before': 0.01,
  'die-after': 0.01,
  'freeze-before': 0.004,
  'freeze-after': 0.004,
  lost: 0.02,
  down: 0.02,
};

interface Run {
  job: string;
  fence: number;
  /** When the job's code ended, in ms since the epoch. Infinite if the process died. */
  endedAt: number;
}

const effects = createEffectLog();
/** Every run that began, in order. */
const runs: Run[] = [];
/** When the work of each job first ended, in ms since the epoch. */
const ended = new Map<string, number>();
let storm: Storm;

const work = job('chaos.work', {
  input: z.object({ n: z.number() }),
  // This suite tests loss and repetition. Other tests cover jobs that run out of attempts.
  retries: 40,
  maxCrashes: 60,
  backoff: { first: '10s', factor: 1 },
  async run({ n }, { id, fence, step, transaction, scope }) {
    const process = storm.processOf(scope);
    const run = `${id} ${runs.length}`;
    const own: Run = { job: id, fence, endedAt: Number.POSITIVE_INFINITY };
    runs.push(own);
    try {
      const receipt = await step('charge', ({ key }) =>
        process.step('effect', id, async () =>
          effects.ask({ job: id, step: 'charge', key, fence, run, at: storm.now() }),
        ),
      );
      // Not in the tests of a single fault: a failure of the job itself would be a second fault.
      if (n !== PLAIN * 10 && drawOf(`${SEED} fails ${run}`) < 0.05) return retryLater('5s');
      await transaction('book', async (tx) => {
        await tx.db.company.create({ data: { tenantId: tx.tenant, id: `comp_${crypto.randomUUID()}`, name: id } });
        process.endure('transaction', id);
      });
      // A run that was frozen arrives here late, with the result of the run that replaced it.
      if (!ended.has(id)) ended.set(id, storm.now());
      return { n, receipt, fence };
    } finally {
      own.endedAt = storm.now();
    }
  },
});
const LEASE_MS = leaseMsOf(work);

/** How long the next frozen processes stay frozen; without an entry, longer than a lease. */
const freezes: number[] = [];
const longFreeze = () => LEASE_MS + 5_000 + Math.floor(drawOf(`${SEED} ${runs.length}`) * 2 * MINUTE);

beforeAll(async () => {
  storm = await openStorm([work], () => freezes.shift() ?? longFreeze());
});
afterAll(() => storm.close());

/** A write that enqueues one or five jobs and records their ids in rows of its own. Some writes fail before commit. */
async function write(n: number): Promise<void> {
  const kind = n === PLAIN ? 0.5 : drawOf(`${SEED} write ${n}`);
  const written = storm.write(async (tenant, process) =>
    tenant.commit(async (tx) => {
      const inputs = Array.from({ length: kind < 0.05 ? 5 : 1 }, (_, index) => ({ n: n * 10 + index }));
      const ids =
        inputs.length === 1
          ? [await enqueue(tx, work, { n: n * 10 }, { delay: kind > 0.9 ? '90s' : 0 })]
          : await enqueueMany(tx, work, inputs);
      const data = ids.map((id) => ({ tenantId: tx.tenant, id: `comp_${crypto.randomUUID()}`, name: `asked ${id}` }));
      await tx.db.company.createMany({ data });
      if (kind > 0.07 && kind < 0.1) throw new Error('refused');
      process.endure('commit', ids[0] ?? '');
    }),
  );
  await written.catch((error: unknown) => {
    if (!(error instanceof Error) || !/refused|the process is gone/.test(error.message)) throw error;
  });
}

const names = async (pattern: string) =>
  (await storm.query<{ name: string }>('SELECT name FROM companies WHERE name LIKE $1', [pattern])).map(
    ({ name }) => name,
  );
const counted = (pattern: RegExp) =>
  [...storm.tally].reduce((sum, [what, times]) => sum + (pattern.test(what) ? times : 0), 0);

/** Runs that were claimed while an earlier run and its lease had not ended. A fence contains the time of the claim. */
function overlapping(): [Run, Run][] {
  const byFence = runs.toSorted((one, two) => one.fence - two.fence);
  const last = new Map<string, Run>();
  const found: [Run, Run][] = [];
  for (const run of byFence) {
    const before = last.get(run.job);
    last.set(run.job, run);
    if (!before || before.endedAt <= run.fence / 4096 + 1_000) continue;
    if ((run.fence - before.fence) / 4096 < LEASE_MS) found.push([before, run]);
  }
  return found;
}

/** Checks the outside log and the database once the storm is over. */
async function expectOrder(): Promise<string[]> {
  const committed = (await names('asked %')).map((name) => name.slice('asked '.length)).sort();
  const records = await storm.read(committed);
  expect(records.filter((record) => record?.state !== 'done').map((record) => [record?.id, record?.state])).toEqual([]);
  // Exactly the committed jobs have left a row in the database and an entry in the outside log, once each.
  expect((await names('job_%')).sort()).toEqual(committed);
  const applied = effects.asked.filter(({ verdict }) => verdict === 'applied').map((each) => each.job);
  expect(applied.sort()).toEqual(committed);
  // Every run had a fence of its own, and Redis accepted the end of the last run only.
  expect(new Set(runs.map((each) => `${each.job} ${each.fence}`)).size).toBe(runs.length);
  const lastFence = new Map<string, number>();
  for (const each of runs) lastFence.set(each.job, Math.max(each.fence, lastFence.get(each.job) ?? 0));
  const accepted = new Map(records.map((record) => [record?.id, record?.result as { fence: number } | undefined]));
  expect(committed.filter((id) => accepted.get(id)?.fence !== lastFence.get(id))).toEqual([]);
  expect(overlapping()).toEqual([]);
  expect(await storm.query("SELECT id FROM outbox WHERE kind NOT LIKE '%-again'")).toEqual([]);
  return committed;
}

test('a storm', async () => {
  const began = performance.now();
  storm.destiny = seededDestiny(SEED, RATES);
  storm.loses = (id) => drawOf(`${SEED} lost ${id} ${runs.length}`) < 0.02;
  storm.qstash.faults.set(
    {
      duplicateDelivery: { probability: 0.08 },
      deliveryAfterSuccess: { probability: 0.05, ms: 3_000 },
      dropResponse: { probability: 0.05 },
      slowResponse: { probability: 0.02, ms: 80_000 },
      reorder: { probability: 0.1, ms: 20_000 },
      delay: { probability: 0.05, ms: 30_000 },
      publishOutage: { probability: 0.03 },
      publishErrorAfterAccept: { probability: 0.03 },
    },
    SEED,
  );
  const minutes = 30;
  for (let minute = 0; minute < minutes; minute += 1) {
    const each = WRITES / minutes;
    const from = Math.round(minute * each);
    const numbers = Array.from({ length: Math.round((minute + 1) * each) - from }, (_, index) => from + index);
    const restore = minute % 10 === 5 ? await storm.refuseRedis() : undefined;
    await Promise.all(numbers.map(write));
    await storm.tick();
    await restore?.();
  }
  storm.destiny = () => undefined;
  storm.loses = () => false;
  storm.qstash.faults.clear();
  // The longest recovery: a lease, the grace time until a silent job counts as late, and one sweep.
  const quiet = Math.ceil((LEASE_MS + GRACE_MS) / MINUTE) + 1;
  for (let minute = 0; minute < quiet; minute += 1) await storm.tick();

  const committed = await expectOrder();
  const kills = counted(/^die-/);
  const report = {
    seconds: Math.round((performance.now() - began) / 100) / 10,
    jobs: committed.length,
    runs: runs.length,
    deliveries: counted(/^(delivery|duplicate)$/),
    kills,
    effects: Object.fromEntries(
      ['applied', 'repeated', 'refused'].map((verdict) => [
        verdict,
        effects.asked.filter((asked) => asked.verdict === verdict).length,
      ]),
    ),
    staleRefused: counted(/^jobs\.stale$/),
    redelivered: counted(/^jobs\.swept$/),
    ...Object.fromEntries([...storm.tally].sort()),
  };
  console.log(report);
  expect(committed.length).toBeGreaterThanOrEqual(1_000);
  expect(kills).toBeGreaterThan(100);
  // Without these events the storm would have proved nothing.
  for (const seen of [
    report.staleRefused,
    report.redelivered,
    counted(/^duplicate$/),
    report.effects['refused'] ?? 0,
  ]) {
    expect(seen).toBeGreaterThan(0);
  }
});

/** The latest time after the fault at which a job is done. */
const RUN_AGAIN = LEASE_MS + MINUTE;
test.each<[Place | 'QStash', Fate, number]>([
  ['transaction', 'die-before', RUN_AGAIN],
  ...(['admit', 'publish', 'claim', 'effect', 'step', 'finish'] as const).flatMap((place) =>
    (['die-before', 'die-after', 'freeze-before', 'freeze-after'] as const).map((fate): [Place, Fate, number] => [
      place,
      fate,
      RUN_AGAIN,
    ]),
  ),
  ['QStash', 'lost', GRACE_MS + MINUTE],
])('one fault, at %s (%s): the job is done within its recovery time', async (place, fate, withinMs) => {
  let struckAt = 0;
  const strike = (here: Place | 'QStash') => {
    if (struckAt > 0 || here !== place) return undefined;
    struckAt = storm.now();
    return fate;
  };
  storm.destiny = strike;
  storm.loses = () => strike('QStash') !== undefined;
  const before = new Set(ended.keys());
  // This kind of write commits.
  await write(PLAIN);
  await storm.qstash.clock.settle();
  for (let minute = 0; minute <= withinMs / MINUTE; minute += 1) await storm.tick();
  expect(struckAt).toBeGreaterThan(0);
  const [job = '', ...others] = [...ended.keys()].filter((id) => !before.has(id));
  expect([job, others]).toEqual([expect.stringMatching(/^job_/), []]);
  expect((ended.get(job) ?? Number.POSITIVE_INFINITY) - struckAt).toBeLessThanOrEqual(withinMs);
  expect((await storm.read([job]))[0]?.state).toBe('done');
  // A frozen process wakes up later and changes nothing.
  for (let minute = 0; fate.startsWith('freeze') && minute < 4; minute += 1) await storm.tick();
  await expectOrder();
});

test.each<Place>(['effect', 'finish'])(
  'two runs at once, both frozen at %s: only the later one ends the job',
  async (place) => {
    // The first process wakes up while the second, which began at the end of the first one's lease, holds the job.
    freezes.push(LEASE_MS + 30_000, 60_000);
    let strikes = 0;
    storm.loses = () => false;
    storm.destiny = (here) => {
      if (here !== place || strikes === 2) return undefined;
      strikes += 1;
      return 'freeze-before';
    };
    const [stale, began] = [counted(/^jobs\.stale$/), runs.length];
    await write(PLAIN);
    for (let minute = 0; minute < 6; minute += 1) await storm.tick();
    expect([strikes, runs.length - began, counted(/^jobs\.stale$/) - stale]).toEqual([2, 2, 1]);
    await expectOrder();
  },
);
