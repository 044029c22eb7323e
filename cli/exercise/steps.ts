/** The steps of `doctor --exercise`. Each step returns what it saw, or throws. */
import { infoField } from '../../src/platform/redis/index.ts';
import { realSystem } from '../../src/platform/system.ts';
import type { ExerciseWorld } from './world.ts';

/** Thrown by a step whose result differs from the result that a cache must give. */
export class ExerciseError extends Error {
  override readonly name = 'ExerciseError';
  readonly code = 'EXERCISE_FAILED';
}

/** One step: its name, and its work. */
export interface Step {
  name: string;
  run(world: ExerciseWorld): Promise<string>;
}

const VALUES = 50;
const LIFE_MS = 300;
const INSTANCES = 10;
const READS = 500;
const LANES = 10;

function must(isRight: boolean, text: string): void {
  if (!isRight) throw new ExerciseError(text);
}

const names = (kind: string) => Array.from({ length: VALUES }, (_, at) => `${kind}:${at}`);

/** All steps, in their order. */
export const STEPS: readonly Step[] = [
  {
    name: 'connection',
    async run({ redis }) {
      const began = performance.now();
      must((await redis.ping()) === 'PONG', 'PING was not answered with PONG');
      return `answers in ${Math.round(performance.now() - began)} ms`;
    },
  },
  {
    name: 'memory',
    async run({ redis }) {
      const used = infoField(String(await redis.exec<string>(['INFO'])), 'used_memory_human');
      return used === null ? 'Redis does not report it' : `${used} in use`;
    },
  },
  {
    name: 'get, set, delete',
    async run({ store }) {
      const value = { text: 'tide table', at: new Date(0), list: [1, 2, 3] };
      await store.set('one', value, '1m');
      must(
        JSON.stringify(await store.get('one')) === JSON.stringify(value),
        'The value read differs from the value set',
      );
      must(await store.delete('one'), 'The value was not there to delete');
      must((await store.get('one')) === undefined, 'The deleted value was read');
      return 'a value is read as it was set, and not after its deletion';
    },
  },
  {
    name: 'time to live',
    async run({ store }) {
      await store.set('short', 'value', LIFE_MS);
      const left = await store.ttl('short');
      must(typeof left === 'number' && left > 0 && left <= LIFE_MS, `The value should live for ${LIFE_MS} ms`);
      await realSystem.sleep(LIFE_MS + 50);
      must((await store.get('short')) === undefined, 'The value was read after its time');
      return `a value ends after ${LIFE_MS} ms`;
    },
  },
  {
    name: 'batch',
    async run({ store, meter }) {
      await store.mset(Object.fromEntries(names('batch').map((name) => [name, name])), '1m');
      const before = meter.requests;
      const read = await store.mget<string>(names('batch'));
      must(
        read.every((value, at) => value === names('batch')[at]),
        'A value of the batch is missing or wrong',
      );
      must(meter.requests === before + 1, 'The batch took more than one request');
      return `${VALUES} values in 1 request`;
    },
  },
  {
    name: 'keys',
    async run(world) {
      const keys = await world.keys();
      must(keys.length >= VALUES, 'The scan misses keys that exist');
      must(
        keys.every((key) => key.startsWith(world.prefix)),
        'A key lacks the prefix',
      );
      return `${keys.length} keys, all with the prefix ${world.prefix}`;
    },
  },
  {
    name: 'patterns',
    async run({ store }) {
      await store.set('other', 'stays', '1m');
      const removed = await store.invalidatePattern('batch:*');
      must(removed === VALUES, `The pattern removed ${removed} values instead of ${VALUES}`);
      must((await store.get('other')) === 'stays', 'The pattern removed a value that it does not match');
      return `batch:* removes ${VALUES} values and no other`;
    },
  },
  {
    name: 'invalidation',
    async run(world) {
      const before = world.loads();
      await world.read('tagged');
      await world.read('tagged');
      must(world.loads() === before + 1, 'The second read was no hit');
      await world.invalidate('tagged');
      await world.read('tagged');
      must(world.loads() === before + 2, 'The invalidated value was served');
      return 'a cached value ends with its tag';
    },
  },
  {
    name: 'stampede',
    async run(world) {
      const before = world.loads();
      const instances = Array.from({ length: INSTANCES }, () => world.otherInstance());
      const readers = instances.flatMap((each) => Array.from({ length: INSTANCES }, () => world.read('wanted', each)));
      const values = new Set((await Promise.all(readers)).map(({ value }) => value));
      must(values.size === 1, 'The readers got different values');
      const loads = world.loads() - before;
      must(loads === 1, `${readers.length} readers caused ${loads} loads`);
      return `${readers.length} readers on ${INSTANCES} instances, 1 load`;
    },
  },
  {
    name: 'throughput',
    async run(world) {
      await world.read('hot');
      const took: number[] = [];
      const began = performance.now();
      const lane = async (): Promise<void> => {
        for (let read = 0; read < READS / LANES; read += 1) {
          const start = performance.now();
          const { requests } = await world.read('hot');
          must(requests === 1, `A hit took ${requests} requests`);
          took.push(performance.now() - start);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      const seconds = (performance.now() - began) / 1000;
      took.sort((one, other) => one - other);
      const at = (share: number) => `${(took[Math.floor(share * (took.length - 1))] ?? 0).toFixed(1)} ms`;
      return `${Math.round(READS / seconds)} hits a second by ${LANES} readers, p50 ${at(0.5)}, p95 ${at(0.95)}`;
    },
  },
];
