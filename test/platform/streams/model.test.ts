/**
 * Any order of appends, runs, deaths, late settlements and losses: a projection applies each event exactly once in
 * effect, a consumer handles or puts aside each event, and no entry is trimmed before every group has handled it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consumer, projection } from '../../../src/platform/streams/index.ts';
import { numbers, openStage } from './stage.ts';

const counted = numbers();
/** The events that the consumer has handled, of all tenants. */
const handled = new Set<string>();
/** Runs once, while a batch is being handled. */
let during: (() => Promise<unknown>) | undefined;

const table = projection(counted, 'table', {
  async apply(tx, event, generation) {
    await tx.query(`INSERT INTO applied_writes (id, applied_at) VALUES ($1, now())`, [
      `${tx.tenant}/${generation}/${event.key}/${event.version}`,
    ]);
  },
  clear: async () => {},
});
const any = consumer(counted, 'any', {
  order: 'none',
  retries: 1,
  batch: 3,
  async run(events) {
    const interruption = during;
    during = undefined;
    await interruption?.();
    // A number that 5 divides is poison.
    if (events.some(({ data }) => data.n % 5 === 0)) throw new RangeError('poison');
    for (const { id } of events) handled.add(id);
  },
});
const stage = openStage(() => [table, any]);

type Step =
  | { do: 'append'; events: { key: string; n: number }[] }
  | { do: 'run' | 'die'; who: 'table' | 'any' }
  | { do: 'overtaken' | 'flush' | 'failover' | 'wait' | 'tick' };
const group = fc.constantFrom('table' as const, 'any' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      events: fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), n: fc.nat(9) }), {
        minLength: 1,
        maxLength: 6,
      }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('run' as const), who: group }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('die' as const), who: group }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('overtaken', 'flush', 'failover', 'wait', 'tick') }) },
);
const consumerOf = (who: 'table' | 'any') => (who === 'table' ? table : any);

async function perform(one: Step): Promise<void> {
  switch (one.do) {
    case 'append':
      await stage.append(counted, one.events);
      return;
    case 'run':
      await stage.run(consumerOf(one.who));
      return;
    case 'die':
      await stage.withoutSettle(counted, () => stage.run(consumerOf(one.who)));
      return;
    case 'overtaken':
      // The lease of a slow run ends, another run takes its entries, and the first one settles late.
      during = async () => {
        await stage.pass(120_000);
        await stage.run(any);
      };
      await stage.run(any);
      during = undefined;
      return;
    case 'flush':
      await stage.command('FLUSHALL');
      return;
    case 'failover':
      return loseLast();
    case 'wait':
      await stage.pass(90_000);
      return;
    case 'tick':
      await stage.pass(20_000);
      await stage.app.platform.scheduled();
  }
}

/** Loses the last entry as a failover does: the entry, the note of its publication, and its delivery. */
async function loseLast(): Promise<void> {
  const name = stage.streamKey(counted);
  const last = (await stage.command('XREVRANGE', name, '+', '-', 'COUNT', 2)) as [string, string[]][];
  const [entry, before] = last;
  if (!entry || !before) return;
  const { id } = JSON.parse(entry[1][1] ?? '{}') as { id: string };
  const rows = await stage.query('SELECT 1 FROM outbox WHERE payload->$1->>$2 = $3', ['event', 'id', id]);
  // An older event has reached the replica.
  if (rows.length === 0) return;
  await stage.command('XDEL', name, entry[0]);
  await stage.command('ZREM', name.replace(':st:', ':se:'), id);
  for (const each of await groups()) {
    if (each.last !== entry[0]) continue;
    await stage.command('XACK', name, each.name, entry[0]);
    await stage.command('XGROUP', 'SETID', name, each.name, before[0]);
  }
}

async function groups(): Promise<{ name: string; last: string }[]> {
  const name = stage.streamKey(counted);
  if ((await stage.command('EXISTS', name)) === 0) return [];
  const flat = (await stage.command('XINFO', 'GROUPS', name)) as unknown[][];
  return flat.map((each) => ({
    name: String(each[each.indexOf('name') + 1]),
    last: String(each[each.indexOf('last-delivered-id') + 1]),
  }));
}

interface Known {
  id: string;
  key: string;
  version: number;
}
const appended = () =>
  stage.query<Known & Record<string, unknown>>(
    'SELECT id, key, version FROM events WHERE tenant_id = $1 ORDER BY position',
    [stage.tenant.id],
  );
const applied = async () =>
  (await stage.query<{ id: string }>("SELECT id FROM applied_writes WHERE id LIKE $1 || '/%'", [stage.tenant.id])).map(
    ({ id }) => id.split('/').slice(2).join('/'),
  );
const place = ({ key, version }: { key: string; version: number }) => `${key}/${version}`;

/** Returns whether a run found nothing to do. */
function isQuiet({ state, result }: { state: string; result: unknown }): boolean {
  const { handled: count = 1, busy = false } = (result ?? {}) as { handled?: number; busy?: boolean };
  return state === 'done' && count === 0 && !busy;
}

/** Every event that is published and that a group without a loss has not handled is still in Redis. */
async function expectNothingTrimmed(): Promise<void> {
  const entries = (await stage.command('XRANGE', stage.streamKey(counted), '-', '+')) as [string, string[]][];
  const there = new Set(entries.map(([, [, text = '{}']]) => (JSON.parse(text) as Known).id));
  const recent = (await stage.command('ZRANGE', stage.streamKey(counted).replace(':st:', ':se:'), 0, -1)) as string[];
  const published = new Set(recent);
  const done = new Set(await applied());
  const dead = new Set((await stage.dead(any)).map(place));
  for (const { name } of await groups()) {
    if ((await stage.command('HEXISTS', stage.stateKey(counted), `loss:${name}`)) === 1) continue;
    const missing = (await appended()).filter(
      (event) =>
        published.has(event.id) &&
        !there.has(event.id) &&
        !(name === 'table' ? done.has(place(event)) : handled.has(event.id) || dead.has(place(event))),
    );
    expect(missing, name).toEqual([]);
  }
}

test('applied and dead events are the appended ones, each applied once, and none is trimmed too early', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      await stage.begin();
      for (const one of steps) {
        await perform(one);
        await expectNothingTrimmed();
      }
      // The faults are over: the drain publishes what is missing, and the runs go on until nothing is left.
      for (let quiet = false; !quiet; ) {
        await stage.pass(120_000);
        await stage.app.platform.scheduled();
        const ends = [await stage.run(table), await stage.run(any)];
        const waiting = await stage.query("SELECT id FROM outbox WHERE kind LIKE 'event%'");
        quiet = waiting.length === 0 && ends.every((end) => isQuiet(end));
      }
      const events = await appended();
      expect((await applied()).sort()).toEqual(events.map(place).sort());
      const dead = new Set((await stage.dead(any)).map(place));
      const open = events.filter((event) => !handled.has(event.id) && !dead.has(place(event)));
      expect(open).toEqual([]);
      expect(await stage.dead(table)).toEqual([]);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});
