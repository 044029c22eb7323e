import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERSION } from '../../src/platform/version.ts';

test('the version in answers and requests is the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as object & {
    version: string;
  };
  expect(VERSION).toBe(version);
});
