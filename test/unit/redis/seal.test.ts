import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createSealer, SealError } from '../../../src/platform/redis/index.ts';

const key = (letter: string) => btoa(letter.repeat(32));
const context = ['cache', 'acme', 'hf:acme:q:patient:id:p1'];
const sealer = createSealer({ keys: { k1: key('a') }, current: 'k1' });

describe('digests', () => {
  const both = createSealer({ keys: { k1: key('a'), k2: key('b') }, current: 'k2' });

  test('are one for each key, the current key first, and the same each time', async () => {
    const [current, older, ...more] = await both.digests('A-1', ['number', 'acme']);
    expect(more).toEqual([]);
    expect(current).toMatch(/^d1\.k2\.[\w-]{43}$/);
    expect([older]).toEqual(await sealer.digests('A-1', ['number', 'acme']));
    expect(await both.digests('A-1', ['number', 'acme'])).toEqual([current, older]);
  });

  test('differ for another text, context or key, even if the parts only shift', async () => {
    const texts = await Promise.all([
      sealer.digests('A-1', ['number', 'acme']),
      sealer.digests('A-2', ['number', 'acme']),
      sealer.digests('A-1', ['number', 'globex']),
      sealer.digests('meA-1', ['number', 'ac']),
      createSealer({ keys: { k1: key('b') }, current: 'k1' }).digests('A-1', ['number', 'acme']),
    ]);
    expect(new Set(texts.flat()).size).toBe(texts.length);
  });

  test('the prefix of the current key begins what it seals, and nothing else', async () => {
    expect((await both.seal('text', context)).startsWith(both.currentPrefix)).toBe(true);
    expect((await sealer.seal('text', context)).startsWith(both.currentPrefix)).toBe(false);
  });
});

describe('seal', () => {
  test('a sealed text opens in its context, and sealing it twice gives different results', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const sealed = await sealer.seal(text, context);
        expect(await sealer.open(sealed, context)).toBe(text);
        expect(await sealer.seal(text, context)).not.toBe(sealed);
      }),
      { numRuns: 50 },
    );
  });

  test('no part of the text is visible', async () => {
    expect(await sealer.seal('diagnosis: PLAINTEXT', context)).toMatch(/^s1\.k1\.[\w-]{22}\.[\w-]{16}\.[\w-]+$/);
  });

  test('a sealed text does not open in another context, even if the parts only shift', async () => {
    const sealed = await sealer.seal('text', context);
    for (const other of [
      ['cache', 'globex', 'hf:acme:q:patient:id:p1'],
      ['cacheacme', '', context[2] ?? ''],
      context.slice(0, 2),
      [],
    ]) {
      expect(await sealer.open(sealed, other)).toBeNull();
    }
  });

  test('a change of any character fails', async () => {
    const sealed = await sealer.seal('a text', context);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = sealed.slice(0, index) + (sealed[index] === 'A' ? 'B' : 'A') + sealed.slice(index + 1);
      // The last character of a base64url part may carry unused bits; a text that decodes to the same bytes is the same.
      const same = decoded(changed) === decoded(sealed);
      expect(await sealer.open(changed, context)).toBe(same ? 'a text' : null);
    }
  });

  test('rotation: the new key seals, the old one still opens; without it a miss and an alert, never plain text', async () => {
    const old = await sealer.seal('old', context);
    const rotated = createSealer({ keys: { k2: key('b'), k1: key('a') }, current: 'k2' });
    expect(await rotated.open(old, context)).toBe('old');
    expect(await rotated.seal('new', context)).toMatch(/^s1\.k2\./);
    const onRefused = vi.fn();
    const later = createSealer({ keys: { k2: key('b') }, current: 'k2', onRefused });
    expect(await later.open(old, context)).toBeNull();
    expect(onRefused).toHaveBeenCalledExactlyOnceWith('unknown-key', 'k1');
  });

  test.each(['', 'plain text', 's1', 's1.k1', 's1.k1.a.b.c', 's2.k1.a.b.c', 's1.k1.a.b.c.d', '{"a":1}'])(
    '%j does not open and does not throw',
    async (text) => {
      expect(await sealer.open(text, context)).toBeNull();
    },
  );

  test.each([
    [{ k1: 'short' }, 'k1'],
    [{ k1: key('a') }, 'k2'],
    [{ 'bad id': key('a') }, 'bad id'],
  ])('keys %j with current %s are refused', (keys, current) => {
    expect(() => createSealer({ keys, current })).toThrow(SealError);
  });
});

function decoded(sealed: string): string {
  return sealed
    .split('.')
    .map((part, index) => (index < 2 ? part : Buffer.from(part, 'base64url').toString('hex')))
    .join('.');
}
