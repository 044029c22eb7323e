/** The table of replies: it has every command that `src` sends, and tells right replies from wrong ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  isEither,
  isInteger,
  isListFrom,
  isListOf,
  isOneOf,
  isText,
  isTuple,
} from '../../../src/platform/redis/index.ts';
import { hasShape, hasShapeOf } from '../../../src/platform/redis/replies.ts';

const SRC = join(import.meta.dirname, '../../../src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
  .map((path) => ({ path, source: readFileSync(join(SRC, path), 'utf8') }));

/** Commands of `src`, by the client's method or by the first text of a list that is handed to `exec`; not Lua's `call`. */
function commandsIn(source: string): string[] {
  const methods = [...source.matchAll(/\bredis\.([a-z]+)(?:<[^;=]*?>)?\(/g)].map(([, name = '']) => name.toUpperCase());
  const listed = source.includes('.exec')
    ? [...source.matchAll(/\[\s*'([A-Z]+)',?/g)].map(([, name = '']) => name)
    : [];
  return [...methods, ...listed].filter((name) => name !== 'EXEC' && name !== 'CALL');
}

describe('the table of replies', () => {
  test('has a shape for every command that src sends', () => {
    const sent = new Set(files.flatMap(({ source }) => commandsIn(source)));
    expect([...sent]).toEqual(expect.arrayContaining(['MGET', 'HMGET', 'HGETALL', 'XRANGE', 'ZCOUNT', 'SCAN', 'PING']));
    expect([...sent].filter((name) => !hasShape(name))).toEqual([]);
  });

  test.each<[string[], unknown, boolean]>([
    [['MGET', 'a', 'b'], ['x', null], true],
    [['MGET', 'a', 'b'], ['x'], false],
    [['MGET', 'a', 'b'], ['x', 1], false],
    [['HMGET', 'h', 'f'], [null], true],
    [['HMGET', 'h', 'f'], [], false],
    [['HGETALL', 'h'], [], true],
    [['HGETALL', 'h'], ['f'], false],
    [['HGETALL', 'h'], { f: 'v' }, false],
    [['GET', 'a'], '1', true],
    [['GET', 'a'], 1, false],
    [['PTTL', 'a'], -2, true],
    [['PTTL', 'a'], '-2', false],
    [['SCAN', '0'], ['0', ['a']], true],
    [['SCAN', '0'], ['0', [1]], false],
    [['ZREVRANGEBYSCORE', 'z', '+inf', '-inf', 'WITHSCORES'], ['m', '1'], true],
    [['ZREVRANGEBYSCORE', 'z', '+inf', '-inf', 'WITHSCORES'], [1, '1'], false],
    [['XRANGE', 'x', '-', '+'], [['1-0', ['f', 'v']]], true],
    [['XRANGE', 'x', '-', '+'], [['1-0', null]], false],
  ])('%j answers %j: %s', (command, reply, right) => {
    expect(hasShapeOf(command[0] ?? '', command, reply)).toBe(right);
  });

  test('a command that is not in the table may have any reply', () => {
    expect(hasShapeOf('LOLWUT', ['LOLWUT'], { any: 'thing' })).toBe(true);
  });
});

test('guards look at every item and at the length', () => {
  const isAnswer = isEither(isTuple(isOneOf('held'), isText), isTuple(isOneOf('busy'), isInteger));
  expect(
    [
      ['held', '1'],
      ['busy', 1],
    ].every(isAnswer),
  ).toBe(true);
  expect([['held', 1], ['busy'], ['other', 'x'], ['held', '1', '2'], 'held', null].some(isAnswer)).toBe(false);
  const isCreated = isListFrom([isOneOf('created')], isText);
  expect([['created'], ['created', 'a', 'b']].every(isCreated)).toBe(true);
  expect([[], ['gone'], ['created', 1]].some(isCreated)).toBe(false);
  expect(isListOf(isInteger)([1, 0.5])).toBe(false);
});

test('only awaited-later.ts has a handler that merely silences a promise', () => {
  const silenced = files.filter(({ source }) => /^\s*\w+\.catch\(\(\) => undefined\);/m.test(source));
  expect(silenced.map(({ path }) => path)).toEqual(['platform/awaited-later.ts']);
});
