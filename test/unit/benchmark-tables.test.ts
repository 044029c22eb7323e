/** The tables of docs/benchmarks.md are narrow enough for a code host to show them without scrolling sideways. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatTables } from '../../bench/report/table.ts';

const WIDTH = 112;
const caches = Array.from({ length: 12 }, (_, index) => ({ id: `cache-${index}`, label: `A cache, version ${index}` }));
const measurement = (title: string, text: string) => ({
  id: title,
  title,
  cells: Object.fromEntries(caches.map(({ id }) => [id, { text }])),
});

/** The tables in a text, each as its lines. */
function tablesIn(text: string): string[][] {
  return [...text.matchAll(/(?:^\|.*\n?)+/gm)].map(([table]) => table.trimEnd().split('\n'));
}

describe('the tables of a section', () => {
  const section = {
    title: 'Costs',
    rows: Array.from({ length: 9 }, (_, index) => measurement(`operation ${index}`, '3 / 3 / 3, repeat 2 / 2 / 2')),
  };

  test('have a line for each cache, and no line is longer than the page', () => {
    const tables = tablesIn(formatTables([section], caches));
    expect(tables.map((table) => table.length)).toEqual([14, 14, 14, 14, 14]);
    for (const line of tables.flat()) expect(line.length).toBeLessThanOrEqual(WIDTH);
  });

  test('hold every measurement once, in its order', () => {
    const heads = tablesIn(formatTables([section], caches)).map(([head]) => head);
    expect(heads.join().match(/operation \d/g)).toEqual(section.rows.map(({ title }) => title));
  });

  test('of at most three contestants is one table, with the measurements as lines', () => {
    const columns = caches.slice(0, 3);
    expect(
      formatTables([{ ...section, columns }], caches)
        .split('\n')
        .slice(0, 5),
    ).toEqual([
      '### Costs',
      '',
      '|  | A cache, version 0 | A cache, version 1 | A cache, version 2 |',
      '| --- | --- | --- | --- |',
      `| operation 0 | ${Array(3).fill('3 / 3 / 3, repeat 2 / 2 / 2').join(' | ')} |`,
    ]);
  });
});

test('docs/benchmarks.md has no line of a table that is longer than the page', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/benchmarks.md'), 'utf8');
  const tables = tablesIn(text);
  expect(tables.length).toBeGreaterThan(10);
  // A heading may be longer: it is shown on several lines.
  const long = tables.flatMap(([, ...lines]) => lines).filter((line) => line.length > WIDTH);
  expect(long).toEqual([]);
});
