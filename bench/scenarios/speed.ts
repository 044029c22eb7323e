/**
 * Measures hits per second and CPU per hit, as ratios to raw GET. With "separate clients" each of 32 callers has its
 * own client, like 32 requests in 32 isolates; a "shared client" may send the commands of all callers together.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Bench, type Cell, type Row, settingsOf } from '../bench.ts';
import type { Caller, Contestant } from '../contestant.ts';
import { sampleValue } from '../measure/sample.ts';
import { alternate, type Ratio, type Runner, type SlicePlan, type Speed, warmUp } from '../measure/slices.ts';
import { idle } from '../measure/steps.ts';

const CALLERS = 32;
const KEYS_PER_CALLER = 4;
/** The number of keys in a quick run, in which filling more keys would take as long as a round. */
const KEYS_PER_CALLER_QUICK = 1;
const BASELINE = 'raw';
/** The share below which differences are noise. */
const NOISE = 0.1;
const HITS_PER_TURN = 16;

const load = async () => sampleValue;
const loadMany = async (keys: readonly string[]) => keys.map(() => sampleValue);

/** A measured kind of read. */
interface Mode {
  id: string;
  title: string;
  unit: string;
  /** True if a quick run measures this mode too. */
  quick: boolean;
  callers: number;
  /** True if the callers share one client. */
  shared: boolean;
  /** Returns one caller's operation on its own keys, or `null` if the contestant does not support the operation. */
  operation(caller: Caller, keys: readonly string[], isBaseline: boolean): (() => Promise<unknown>) | null;
}

const modes: readonly Mode[] = [
  {
    id: 'hits',
    title: 'hits, 32 callers, separate clients',
    unit: 'hits/s',
    quick: true,
    callers: CALLERS,
    shared: false,
    operation: (caller, keys) => eachInTurn(keys, (key) => caller.read(key, load)),
  },
  {
    id: 'joined',
    title: 'hits, 32 callers, shared client',
    unit: 'hits/s',
    quick: false,
    callers: CALLERS,
    shared: true,
    operation: (caller, keys) => eachInTurn(keys, (key) => caller.read(key, load)),
  },
  {
    id: 'tagged',
    title: 'hits with 3 tags, 32 callers, separate clients',
    unit: 'hits/s',
    quick: true,
    callers: CALLERS,
    shared: false,
    operation(caller, keys, isBaseline) {
      // Raw GET has no tags, so its reads without tags are the baseline of tagged reads.
      if (isBaseline) return eachInTurn(keys, (key) => caller.read(key, load));
      const tags = ['shore', 'north', `of-${keys[0] ?? ''}`];
      return caller.readTagged ? eachInTurn(keys, async (key) => caller.readTagged?.(key, tags, load)) : null;
    },
  },
  {
    id: 'batches',
    title: 'batches of 100 hits, 1 caller',
    unit: 'batches/s',
    quick: false,
    callers: 1,
    shared: false,
    operation(caller, keys) {
      const hundred = Array.from({ length: 100 }, (_, index) => `${keys[0] ?? ''}-${index}`);
      return caller.readMany ? async () => caller.readMany?.(hundred, load, loadMany) : null;
    },
  },
];

/** Measures all contestants. */
export async function speed(bench: Bench): Promise<Row[]> {
  const plan: SlicePlan & { warmUpMs: number } = bench.quick
    ? { rounds: 3, sliceMs: 75, collect: 'each round', warmUpMs: 200 }
    : { rounds: 20, sliceMs: 150, collect: 'each slice', warmUpMs: 2_000 };
  await bench.rest.ignore();
  const rows: Row[] = [];
  for (const mode of modes.filter(({ quick }) => quick || !bench.quick)) {
    bench.progress(`speed: ${mode.title}`);
    const runners: Runner[] = [];
    for (const contestant of bench.contestants.filter(({ id }) => id !== 'none')) {
      const runner = await prepare(bench, contestant, mode);
      if (runner) runners.push(runner);
    }
    await idle(bench.rest);
    // All modes run the same code, so only the first mode needs a warm-up.
    if (rows.length === 0) for (const runner of runners) await warmUp(runner, plan.warmUpMs);
    rows.push(...rowsOf(mode, await alternate(runners, BASELINE, plan)));
  }
  return rows;
}

/** Opens a contestant's clients and stores the values for their hits. */
async function prepare(bench: Bench, contestant: Contestant, mode: Mode): Promise<Runner | null> {
  const shared = mode.shared ? (await contestant.open(settingsOf(bench.rest))).caller() : null;
  const prepared = Array.from({ length: mode.callers }, async () => {
    const caller = shared ?? (await contestant.open(settingsOf(bench.rest))).caller();
    const prefix = bench.newKey(contestant);
    const count = bench.quick ? KEYS_PER_CALLER_QUICK : KEYS_PER_CALLER;
    const keys = Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
    const operation = mode.operation(caller, keys, contestant.id === BASELINE);
    for (const _ of keys) await operation?.();
    return operation;
  });
  const operations = (await Promise.all(prepared)).flatMap((operation) =>
    operation
      ? async () => {
          await operation();
          return 1;
        }
      : [],
  );
  if (operations.length === 0) return null;
  return { id: contestant.id, operations: contestant.memory ? operations.map(withTurns) : operations };
}

/** Yields to the event loop after several hits, because hits in memory never yield and callers must take turns. */
function withTurns(operation: () => Promise<number>): () => Promise<number> {
  return async () => {
    for (let each = 0; each < HITS_PER_TURN; each++) await operation();
    await nextTurn();
    return HITS_PER_TURN;
  };
}

function eachInTurn(keys: readonly string[], read: (key: string) => Promise<unknown>): () => Promise<unknown> {
  let next = 0;
  return () => {
    next = (next + 1) % keys.length;
    return read(keys[next] ?? '');
  };
}

function rowsOf(mode: Mode, speeds: Map<string, Speed>): Row[] {
  const cells = (ratioOf: (speed: Speed) => Ratio, absolute: (speed: Speed) => string): Record<string, Cell> =>
    Object.fromEntries(
      [...speeds].map(([id, speed]) => {
        const ratio = ratioOf(speed);
        const text = id === BASELINE ? `1 (${absolute(speed)})` : formatRatio(ratio);
        return [id, { text, value: ratio.median, spread: ratio.spread }];
      }),
    );
  const rate = cells(
    (speed) => speed.rate,
    ({ perSecond }) => `${round(perSecond)} ${mode.unit}`,
  );
  const cpu = cells(
    (speed) => speed.cpu,
    ({ cpuMicroseconds }) => `${round(cpuMicroseconds)} µs`,
  );
  return [
    { id: `${mode.id}-rate`, title: `${mode.title}: rate`, cells: rate, better: 'more', tolerance: NOISE },
    { id: `${mode.id}-cpu`, title: `${mode.title}: CPU each`, cells: cpu, better: 'less', tolerance: NOISE },
  ];
}

function formatRatio({ median, spread }: Ratio): string {
  return median >= 10 ? String(Math.round(median)) : `${median.toFixed(2)} ± ${spread.toFixed(2)}`;
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en');
}
