/** Joined reads: every caller gets the same reply as without joining, with fewer commands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, joinReads, type Reply } from '../../../src/platform/redis/join.ts';

describe('MGETs of a turn', () => {
  test('become one, and each caller gets its own values', () => {
    const { commands, split } = joinReads([
      ['mget', 'a', 'b'],
      ['hmget', 'h', 'x', 'y'],
      ['MGET', 'c'],
      ['evalsha', 'sha', 1, 'l'],
    ]);
    expect(commands).toEqual([
      ['mget', 'a', 'b', 'c'],
      ['hmget', 'h', 'x', 'y'],
      ['evalsha', 'sha', 1, 'l'],
    ]);
    expect(split([{ result: ['A', null, 'C'] }, { result: ['X', 'Y'] }, { result: 1 }])).toEqual([
      { result: ['A', null] },
      { result: ['X', 'Y'] },
      { result: ['C'] },
      { result: 1 },
    ]);
  });

  test('are not joined across a write', () => {
    const asked = [
      ['mget', 'a'],
      ['set', 'a', '1'],
      ['mget', 'a'],
      ['mget', 'b'],
    ];
    expect(joinReads(asked).commands).toEqual([
      ['mget', 'a'],
      ['set', 'a', '1'],
      ['mget', 'a', 'b'],
    ]);
  });

  test('an error reaches every caller that was joined', () => {
    const { split } = joinReads([
      ['mget', 'a'],
      ['mget', 'b'],
    ]);
    expect(split([{ error: 'ERR' }])).toEqual([{ error: 'ERR' }, { error: 'ERR' }]);
  });
});

/** A store that answers GET, MGET and SET, in order. */
function answer(commands: readonly Command[]): Reply[] {
  const values = new Map<unknown, unknown>();
  return commands.map(([name, ...args]) => {
    if (name === 'mget') return { result: args.map((each) => values.get(each) ?? null) };
    if (name === 'get') return { result: values.get(args[0]) ?? null };
    values.set(args[0], args[1]);
    return { result: 'OK' };
  });
}

test('the replies equal those of the same commands sent one by one', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const command = fc.oneof(
    fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => ['mget', ...names]),
    name.map((each) => ['get', each]),
    fc.tuple(name, fc.integer()).map(([each, value]) => ['set', each, value]),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 12 }), (asked) => {
      const { commands, split } = joinReads(asked);
      expect(split(answer(commands))).toEqual(answer(asked));
      expect(commands.length).toBeLessThanOrEqual(asked.length);
    }),
  );
});
