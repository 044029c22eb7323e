/** The natures of the key families, and the table of docs/recovery.md that explains them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BACKED_UP } from '../../../dev/backup/backup.ts';
import { families, key } from '../../../src/platform/redis/index.ts';
import { familyOf, type Nature, natureOf, natures } from '../../../src/platform/redis/nature.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/recovery.md'), 'utf8');
const rows = [...document.matchAll(/^\| `(\w+)` \| ((?:`\w+` ?)+)\|[^|]*\|[^|]*\| (yes|no)\b/gm)].map(
  ([, nature = '', list = '', backup]) => ({
    nature,
    families: [...list.matchAll(/\w+/g)].map(([family]) => family),
    isBackedUp: backup === 'yes',
  }),
);

describe('docs/recovery.md', () => {
  test('has each nature with exactly its families', () => {
    const written = rows.flatMap(({ nature, families }) => families.map((family) => [family, nature]));
    expect(Object.fromEntries(written)).toEqual(natures);
    expect(written).toHaveLength(Object.keys(families).length);
  });

  test('says which natures a backup has', () => {
    const said = rows.filter(({ isBackedUp }) => isBackedUp).map(({ nature }) => nature as Nature);
    expect(said.toSorted()).toEqual([...BACKED_UP].toSorted());
  });
});

describe('the nature of a key', () => {
  test('follows from its family, not from its tenant and its parts', () => {
    expect(natureOf(key('hf:q', 'sessions', 'hf:-:q'))).toBe('session');
    expect(familyOf(key('acme', 'era'))).toBe('era');
  });

  test.each(['', 'hf', 'hf:acme', 'hf:acme:none', 'other:acme:q', 'q'])('of %j is unknown', (text) => {
    expect([familyOf(text), natureOf(text)]).toEqual([undefined, undefined]);
  });
});
