/** Durations, numbers and addresses of the console. */
import { expect, test } from 'vitest';
import { nextPage, sentenceOf, thisPage } from '../../../src/console/outcome.ts';
import { amount, bytes, counted, percent, span } from '../../../src/console/parts/show.tsx';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1 s'],
  [4_230, '4.2 s'],
  [59_940, '59.9 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min 59 s'],
  [3_600_000, '1 h'],
  [90_000_000, '1 d 1 h'],
  [8 * 86_400_000, '8 d'],
])('%d ms is %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});

test('numbers have separators, and nouns their number', () => {
  expect([amount(1_234_567), counted(1, 'job'), counted(1_200, 'job'), counted(0, 'job')]).toEqual([
    ...['1,234,567', '1 job', '1,200 jobs', '0 jobs'],
  ]);
  expect([percent(null), percent(0.9996), percent(0.625)]).toEqual(['–', '100.0 %', '62.5 %']);
  expect([0, 1_023, 1_024, 1_572_864, 5 * 2 ** 40].map(bytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 MiB',
    '5120.0 GiB',
  ]);
});

test('the next page is the page that the form names, with the new outcome in place of the old one', () => {
  expect(nextPage('/console/jobs?state=dead&done=x&count=3', 'job-queued')).toBe(
    '/console/jobs?state=dead&done=job-queued',
  );
  expect(nextPage('/console/dead', 'jobs-queued', 12)).toBe('/console/dead?done=jobs-queued&count=12');
  expect(thisPage('http://x.test/console/jobs?state=dead&done=x&count=3')).toBe('/console/jobs?state=dead');
});

test.each([
  undefined,
  '',
  '/sign-out',
  '//evil.example/console',
  'https://evil.example/console',
  '/console/../sign-out',
  'javascript:1',
])('the page %s is not of the console, so the console itself is the next page', (back) => {
  expect(nextPage(back, 'job-queued')).toBe('/console?done=job-queued');
});

test('an outcome is a known code with a whole number, and nothing else of the address', () => {
  const of = (search: string) => sentenceOf(new URLSearchParams(search));
  expect(of('done=jobs-queued&count=2')).toBe('2 jobs queued.');
  for (const search of [
    '',
    'done=<b>',
    'done=constructor',
    'done=jobs-queued&count=x',
    'done=jobs-queued&count=1e99',
  ]) {
    expect([search, of(search)]).toEqual([search, null]);
  }
});
