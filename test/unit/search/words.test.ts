import { describe, expect, test } from 'vitest';
import { distance, formsOf, highlight, readSearch, snippet } from '../../../src/platform/search/index.ts';

const read = (text: string) =>
  readSearch(text).map(({ text: part, as, optional }) => `${as} ${part}${optional ? '?' : ''}`);

describe('a typed text is read', () => {
  test.each([
    ['Zoë  O’Brien', ['word zoe', 'word o?', 'word brien']],
    ['plan b', ['word plan', 'word b?']],
    ['b', ['word b']],
    ['zoe.m@kelp-farm.example', ['word zoe', 'word m?', 'word kelp', 'word farm', 'word example?']],
    ['@kelp', ['word kelp']],
    ['+49 (151) 2345-6789', ['digits 23456789']],
    ['0151/234', ['digits 151234']],
    ['4711', ['word 4711']],
    ['lot 4711', ['word lot', 'word 4711']],
    ['12 - 3', ['word 12', 'word 3?']],
    ['東京 tokyo', ['run 東京', 'word tokyo']],
    ['&|!()<->:*', []],
    ['a b c d e f g h i j', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => `word ${letter}`)],
  ])('%s', (text, parts) => {
    expect(read(text)).toEqual(parts);
  });
});

describe('the distance', () => {
  test.each([
    ['smith', 'smith', 0],
    ['smith', 'smiht', 1],
    ['smith', 'smth', 1],
    ['smith', 'smiith', 1],
    ['smith', 'smyth', 1],
    ['smith', 'msiht', 2],
    ['', 'abc', 3],
  ])('of %j and %j is %i', (one, other, errors) => {
    expect(distance(one, other)).toBe(errors);
    expect(distance(other, one)).toBe(errors);
  });

  test('of two words with one error means that they have a common form', () => {
    const word = 'harbour';
    for (const [at] of [...word].entries()) {
      const letters = [...word];
      const changed = [
        letters.toSpliced(at, 1),
        letters.toSpliced(at, 0, 'x'),
        letters.toSpliced(at, 1, 'x'),
        ...(at > 0 ? [letters.toSpliced(at - 1, 2, letters[at] ?? '', letters[at - 1] ?? '')] : []),
      ];
      for (const other of changed.map((some) => some.join(''))) {
        expect(
          formsOf(other).some((form) => formsOf(word).includes(form)),
          other,
        ).toBe(true);
      }
    }
  });
});

describe('marked parts', () => {
  const marked = (text: string, query: string) =>
    highlight(text, readSearch(query))
      .map(({ text: part, match }) => (match ? `[${part}]` : part))
      .join('');

  test.each([
    ['Zoë Montgomery', 'montg zoe', '[Zoë] [Montg]omery'],
    ['Zoe\u0301 Ltd', 'zoe', '[Zoe\u0301] Ltd'],
    ['Straße 5', 'strass', '[Straß]e 5'],
    ['ﬁnance', 'fin', '[ﬁn]ance'],
    ['東京海運', '海運', '東京[海運]'],
    ['+49 (151) 2345-6789', '12345', '+49 (15[1) 2345]-6789'],
    ['anna anna', 'an', '[an]na [an]na'],
    ['Banana', 'ana', 'Banana'],
    ['a b', 'b', 'a [b]'],
    ['', 'x', ''],
  ])('of %j for %j', (text, query, expected) => {
    expect(marked(text, query)).toBe(expected);
  });

  test('of a long text are around the first match, and never cut a character', () => {
    const text = `${'word '.repeat(60)}🪝needle ${'tail '.repeat(60)}`;
    const parts = snippet(text, readSearch('needle'), 80);
    const shown = parts.map((part) => part.text).join('');
    expect(parts.filter(({ match }) => match)).toEqual([{ text: 'needle', match: true }]);
    expect(shown).toMatch(/^… .* …$/);
    expect(shown.length).toBeLessThan(100);
    expect(shown.isWellFormed()).toBe(true);
  });
});
