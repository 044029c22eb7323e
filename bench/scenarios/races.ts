/**
 * Checks whether a reader can get a value that a write has already replaced. The order of the steps is fixed, not
 * random: the first instance stops inside its loader with the old value, the second instance deletes or invalidates
 * the cached value, the first instance continues, and the third instance reads.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Cell, type Row, settingsOf } from '../bench.ts';
import type { Caller, Contestant } from '../contestant.ts';
import { idle } from '../measure/steps.ts';

type End = (caller: Caller, key: string, tag: string) => Promise<unknown> | undefined;
type Read = (caller: Caller, key: string, tag: string, load: () => Promise<unknown>) => Promise<unknown> | undefined;

const byDelete: End = (caller, key) => caller.forget?.(key);
const byTag: End = (caller, _key, tag) => caller.invalidate?.(tag);
const plain: Read = (caller, key, _tag, load) => caller.read(key, load);
const withTag: Read = (caller, key, tag, load) => caller.readTagged?.(key, [tag], load);

/** Measures all contestants. */
export async function races(bench: Bench): Promise<Row[]> {
  const during: Row = { id: 'race-delete', title: 'delete while another instance loads', cells: {}, better: 'less' };
  const tagged: Row = {
    id: 'race-tag',
    title: 'tag invalidated while another instance loads',
    cells: {},
    better: 'less',
  };
  const after: Row = {
    id: 'memory-delete',
    title: 'delete while another instance has the value',
    cells: {},
    better: 'less',
  };
  for (const contestant of bench.contestants.filter(({ id }) => id !== 'none')) {
    bench.progress(`races: ${contestant.label}`);
    const { forget, readTagged, invalidate } = (await contestant.open(settingsOf(bench.rest))).caller();
    if (forget) {
      during.cells[contestant.id] = await whileLoading(bench, contestant, byDelete, plain);
      after.cells[contestant.id] = await whileHeld(bench, contestant);
    }
    if (readTagged && invalidate) tagged.cells[contestant.id] = await whileLoading(bench, contestant, byTag, withTag);
  }
  return [during, tagged, after];
}

async function whileLoading(bench: Bench, contestant: Contestant, end: End, read: Read): Promise<Cell> {
  const key = bench.newKey(contestant);
  const tag = `${key}-tag`;
  const [reader, writer, later] = await callers(bench, contestant);
  const loading = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const old = read(reader, key, tag, async () => {
    loading.resolve();
    await ended.promise;
    return 'old';
  });
  await loading.promise;
  await end(writer, key, tag);
  // The wait separates the times before and after on clocks with a resolution of 1 ms.
  await sleep(10);
  ended.resolve();
  await old;
  await idle(bench.rest);
  return verdict(await read(later, key, tag, async () => 'new'));
}

/** Deletes a value that the reader already has, perhaps in its memory, and checks the next read. */
async function whileHeld(bench: Bench, contestant: Contestant): Promise<Cell> {
  const key = bench.newKey(contestant);
  const [reader, writer] = await callers(bench, contestant);
  await reader.read(key, async () => 'old');
  await idle(bench.rest);
  await writer.forget?.(key);
  return verdict(await reader.read(key, async () => 'new'));
}

async function callers(bench: Bench, contestant: Contestant): Promise<[Caller, Caller, Caller]> {
  const open = async () => (await contestant.open(settingsOf(bench.rest))).caller();
  return [await open(), await open(), await open()];
}

function verdict(value: unknown): Cell {
  return value === 'new' ? { text: 'new value', value: 0 } : { text: '**stale**', value: 1 };
}
