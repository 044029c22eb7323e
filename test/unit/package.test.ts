/** The entries of the repository's package.json are those of the package, and its sources for development. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emittedOf } from '../../package/manifest.ts';
import { ROOMS } from '../../package/rooms.ts';

const ROOT = join(import.meta.dirname, '../..');

test('each room of the package has an entry in package.json, for its build and for development', () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { exports: object };
  const expected = Object.entries(ROOMS).map(([entry, source]) => {
    const { types, default: code } = emittedOf(source);
    const built = (path: string) => path.replace('./', './dist/package/');
    return [entry, { development: `./${source}`, types: built(types), default: built(code) }];
  });
  expect(exports).toMatchObject(Object.fromEntries(expected));
});
