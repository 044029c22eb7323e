/** The runbooks: one form for all pages, an index that lists them, and a page for each alert. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { alerts } from '../../../src/app/background.ts';
import { headingsIn, pagesOf, ROOT } from './guide-pages.ts';

const pages = pagesOf('docs/runbooks');
const runbooks = pages.filter(({ path }) => basename(path) !== 'README.md');
const index = pages.find(({ path }) => basename(path) === 'README.md')?.text ?? '';

/** The symptoms that must have a page. */
const SYMPTOMS = [
  ...['stale-data', 'stampede', 'high-memory', 'redis-unreachable', 'redis-full', 'hit-ratio-fell', 'backlog-grows'],
  ...['dead-letters', 'schedule-missed', 'database-restored', 'qstash-outage', 'leaked-token', 'erasure-request'],
  ...['failed-deployment', 'noisy-tenant', 'mail-down', 'postgres-unreachable'],
];

test('every symptom has a page, and no other page is there', () => {
  expect(runbooks.map(({ path }) => basename(path, '.md')).toSorted()).toEqual(SYMPTOMS.toSorted());
});

test.each(runbooks)('$path has the five headings in their order', ({ text }) => {
  expect(headingsIn(text)).toEqual(['See', 'Look here', 'Do this', 'Undo', 'Verify']);
});

test('the index links to every page once, with its title', () => {
  const links = [...index.matchAll(/\[([^\]]+)\]\(([\w-]+\.md)\)/g)].map(([, title, file]) => [file, title]);
  const titles = runbooks.map(({ path, text }) => [basename(path), /^# (.+)$/m.exec(text)?.[1]]);
  expect(links.toSorted()).toEqual(titles.toSorted());
});

test.each([...alerts])('the page of the alert $name exists, and names the alert', ({ name, runbook }) => {
  expect(runbook).not.toBeNull();
  expect(readFileSync(join(ROOT, runbook ?? ''), 'utf8')).toContain(`\`${name}\``);
});
