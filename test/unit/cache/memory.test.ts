import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/platform/cache/entry.ts';
import { createMemory } from '../../../src/platform/cache/index.ts';
import { key, tag, versionKey } from '../../../src/platform/redis/index.ts';

const entry = (text: string): Entry => ({
  fillId: 'f',
  loadedAt: 0,
  freshUntil: 1e15,
  loadMs: 1,
  versions: [],
  encoding: 'j',
  text,
});
const name = (id: number) => key('t', 'entry', String(id));

describe('memory', () => {
  test('stays within its byte limit; the least recently used entries are evicted first', () => {
    const memory = createMemory(10_000);
    for (let id = 0; id < 100; id += 1) {
      memory.get(name(0), 0);
      memory.set(name(id), entry('x'.repeat(800)), [], 1000, memory.generation);
      expect(memory.bytes).toBeLessThanOrEqual(10_000);
    }
    expect(memory.get(name(0), 0)).toBeDefined();
    expect(memory.get(name(1), 0)).toBeUndefined();
    expect(memory.get(name(99), 0)).toBeDefined();
  });

  test('a value larger than the whole memory is not kept', () => {
    const memory = createMemory(1000);
    memory.set(name(1), entry('x'.repeat(2000)), [], 1000, memory.generation);
    expect(memory.get(name(1), 0)).toBeUndefined();
  });

  test('an entry expires at its expiry time', () => {
    const memory = createMemory();
    memory.set(name(1), entry('"a"'), [], 1000, memory.generation);
    expect(memory.get(name(1), 999)).toBeDefined();
    expect(memory.get(name(1), 1000)).toBeUndefined();
    expect(memory.bytes).toBe(0);
  });

  test('refuses a value whose read began before an invalidation', () => {
    const memory = createMemory();
    const { generation } = memory;
    memory.forgetDependents([]);
    memory.set(name(1), entry('1'), [], 1000, generation);
    expect(memory.get(name(1), 0)).toBeUndefined();
  });

  test('forgets the entries that depend on a version, and no other entry', () => {
    const memory = createMemory();
    const [a, b] = [versionKey('t', tag('a')), versionKey('t', tag('b'))];
    memory.set(name(1), entry('1'), [a], 1000, memory.generation);
    memory.set(name(2), entry('2'), [a, b], 1000, memory.generation);
    memory.set(name(3), entry('3'), [b], 1000, memory.generation);
    memory.forgetDependents([a]);
    expect([1, 2, 3].map((id) => memory.get(name(id), 0)?.text)).toEqual([undefined, undefined, '3']);
  });
});
