/**
 * Measures the cost of each operation, in whole numbers: requests / commands / round trips for which the caller
 * waits. A new instance makes every read, as after a deployment. A hit is read twice, and a different second cost is
 * shown as the repeat.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Cell, type Row, settingsOf } from '../bench.ts';
import type { Caller, Contestant } from '../contestant.ts';
import { sampleValue } from '../measure/sample.ts';
import { type Cost, costOf, idle } from '../measure/steps.ts';

const load = async () => sampleValue;
const neverLoad = () => Promise.reject(new Error('A hit was expected, and the loader was called'));
const HUNDRED = Array.from({ length: 100 }, (_, index) => String(index));
/** The time after which a value with a TTL of one second is stale, including any jitter of the TTL. */
const PAST_FRESH_MS = 1_300;

interface Measured {
  row: string;
  cell: Cell;
}

/** Measures all contestants. */
export async function costs(bench: Bench): Promise<Row[]> {
  const rows = new Map(titles.map(([id, title]) => [id, newRow(id, title)]));
  const measured = contestantsWithRedis(bench);
  const stale = await primeStale(bench, measured);
  for (const contestant of measured) {
    bench.progress(`costs: ${contestant.label}`);
    for (const { row, cell } of [
      ...(await reads(bench, contestant)),
      ...(await tagged(bench, contestant)),
      ...(await batches(bench, contestant)),
    ]) {
      const found = rows.get(row);
      if (found) found.cells[contestant.id] = cell;
    }
  }
  await sleep(PAST_FRESH_MS);
  for (const [contestant, read] of stale) {
    const cost = await costOf(bench.rest, read);
    const staleRow = rows.get('stale');
    if (staleRow) staleRow.cells[contestant.id] = { text: formatCost(cost), value: cost.waited };
  }
  const none = rows.get('batch-loads');
  if (none) none.cells['none'] = { text: '100', value: 100 };
  return [...rows.values()];
}

const titles: readonly (readonly [id: string, title: string])[] = [
  ['hit', 'hit'],
  ['hit-1', 'hit, 1 tag'],
  ['hit-3', 'hit, 3 tags'],
  ['hit-10', 'hit, 10 tags'],
  ['miss', 'cold miss'],
  ['miss-3', 'cold miss, 3 tags'],
  ['stale', 'stale hit'],
  ['invalidate', 'invalidate a tag; first read after it'],
  ['batch-hits', 'batch of 100 hits'],
  ['batch-misses', 'batch of 100 misses'],
  ['batch-loads', 'batch of 100 misses: loader calls'],
];

function newRow(id: string, title: string): Row {
  return { id, title, cells: {}, better: 'less', tolerance: 0 };
}

function contestantsWithRedis(bench: Bench): Contestant[] {
  return bench.contestants.filter(({ id }) => id !== 'none');
}

async function reads(bench: Bench, contestant: Contestant): Promise<Measured[]> {
  const key = bench.newKey(contestant);
  const miss = await costOf(bench.rest, await onNewInstance(bench, contestant, (caller) => caller.read(key, load)));
  const { first, repeat } = await twice(bench, contestant, (caller) => caller.read(key, neverLoad));
  return [
    { row: 'miss', cell: costCell(miss) },
    { row: 'hit', cell: costCell(first, repeat) },
  ];
}

async function tagged(bench: Bench, contestant: Contestant): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const count of [1, 3, 10]) {
    const key = bench.newKey(contestant);
    const tags = Array.from({ length: count }, (_, index) => `${key}-tag-${index}`);
    const writer = (await contestant.open(settingsOf(bench.rest))).caller();
    if (!writer.readTagged) return [];
    const miss = await costOf(bench.rest, async () => writer.readTagged?.(key, tags, load));
    const { first, repeat } = await twice(bench, contestant, async (caller) =>
      caller.readTagged?.(key, tags, neverLoad),
    );
    measured.push({ row: `hit-${count}`, cell: costCell(first, repeat) });
    if (count === 3) measured.push({ row: 'miss-3', cell: costCell(miss) });
    if (count === 1) {
      const end = await onNewInstance(bench, contestant, async (caller) => caller.invalidate?.(tags[0] ?? ''));
      const ended = await costOf(bench.rest, end);
      const again = await onNewInstance(bench, contestant, async (caller) => caller.readTagged?.(key, tags, load));
      const after = await costOf(bench.rest, again);
      const text = `${formatCost(ended)}; ${formatCost(after)}`;
      measured.push({ row: 'invalidate', cell: { text, value: ended.commands + after.commands } });
    }
  }
  return measured;
}

async function batches(bench: Bench, contestant: Contestant): Promise<Measured[]> {
  const prefix = bench.newKey(contestant);
  const keys = HUNDRED.map((index) => `${prefix}-${index}`);
  let calls = 0;
  const counted = async () => {
    calls += 1;
    return sampleValue;
  };
  const countedMany = async (asked: readonly string[]) => {
    calls += 1;
    return asked.map(() => sampleValue);
  };
  const caller = (await contestant.open(settingsOf(bench.rest))).caller();
  if (!caller.readMany) return [];
  const missCost = await costOf(bench.rest, async () => caller.readMany?.(keys, counted, countedMany));
  const hits = await onNewInstance(bench, contestant, async (other) => other.readMany?.(keys, neverLoad, neverLoad));
  const hitCost = await costOf(bench.rest, hits);
  return [
    { row: 'batch-misses', cell: costCell(missCost) },
    { row: 'batch-loads', cell: { text: String(calls), value: calls } },
    { row: 'batch-hits', cell: costCell(hitCost) },
  ];
}

/** Stores values that are fresh for one second, for reads after all other measurements. */
async function primeStale(bench: Bench, contestants: Contestant[]): Promise<[Contestant, () => Promise<unknown>][]> {
  const primed: [Contestant, () => Promise<unknown>][] = [];
  for (const contestant of contestants.filter(({ stale }) => stale)) {
    const settings = { ...settingsOf(bench.rest), ttlSeconds: 1, staleSeconds: 3_600 };
    const key = bench.newKey(contestant);
    await (await contestant.open(settings)).caller().read(key, load);
    await idle(bench.rest);
    const caller = (await contestant.open(settings)).caller();
    primed.push([contestant, () => caller.read(key, load)]);
  }
  return primed;
}

async function onNewInstance(bench: Bench, contestant: Contestant, act: (caller: Caller) => Promise<unknown>) {
  const caller = (await contestant.open(settingsOf(bench.rest))).caller();
  return () => act(caller);
}

async function twice(bench: Bench, contestant: Contestant, act: (caller: Caller) => Promise<unknown>) {
  const instance = await contestant.open(settingsOf(bench.rest));
  const first = await costOf(bench.rest, () => act(instance.caller()));
  const repeat = await costOf(bench.rest, () => act(instance.caller()));
  return { first, repeat };
}

function costCell(cost: Cost, repeat: Cost = cost): Cell {
  const same = formatCost(cost) === formatCost(repeat);
  // The rank depends on the cost of the first read: commands cost money, and requests cost time.
  return {
    text: same ? formatCost(cost) : `${formatCost(cost)}, repeat ${formatCost(repeat)}`,
    value: cost.commands + cost.requests,
    bar: cost.commands,
  };
}

function formatCost({ requests, commands, waited }: Cost): string {
  return requests === 0 ? '0' : `${requests} / ${commands} / ${waited}`;
}
