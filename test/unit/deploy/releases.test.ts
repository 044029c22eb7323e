/** Each release has a snapshot of what it stored, which later releases read; docs/deployment.md has the rule. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/** The headings of releases without a snapshot of their day, and those without a day. */
function withoutSnapshot(changelog: string, days: readonly string[]): string[] {
  const releases = [...changelog.matchAll(/^## (?!Unreleased$)(.+)$/gm)].map(([, heading = '']) => heading);
  return releases.filter((heading) => !days.includes(/ \((\d{4}-\d\d-\d\d)\)$/.exec(heading)?.[1] ?? ''));
}

test('a release without a day, or without a snapshot of its day, is named', () => {
  const changelog = '# Changelog\n\n## Unreleased\n\n## 0.3.0\n\n## 0.2.0 (2026-12-05)\n\n## 0.1.0 (2026-11-28)\n';
  expect(withoutSnapshot(changelog, ['2026-11-28'])).toEqual(['0.3.0', '0.2.0 (2026-12-05)']);
});

test('each release of the CHANGELOG has a snapshot', () => {
  const days = readdirSync(join(ROOT, 'test/fixtures/stored'));
  expect(days.length).toBeGreaterThan(0);
  expect(withoutSnapshot(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), days)).toEqual([]);
});
