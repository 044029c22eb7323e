/** The rows about live updates in docs/benchmarks.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rowsOf } from '../../bench/scenarios/live.ts';

const cost = { requests: 1, commands: 2 };
const costs = { publish: cost, connection: cost, commandsPerMinute: 2.44, messagesPerMinute: 20 };
const round = (holdfast: number[], realtime: number[]) => ({ holdfast, realtime });

test('hold both contestants, the quantiles of all arrivals, and the costs that the ranking compares', () => {
  const rows = rowsOf([round([1, 2, 3], [2, 4, 6]), round([1, 2, 3], [2, 4, 6])], { holdfast: costs, realtime: costs });
  expect(rows.map(({ id, better }) => [id, better])).toEqual(
    ['times', 'ratio', 'publish', 'connection', 'idle', 'messages'].map((id) => [`live-${id}`, 'less']),
  );
  for (const { cells } of rows) expect(Object.keys(cells)).toEqual(['holdfast', 'realtime']);
  const cell = (id: string) => rows.find((row) => row.id === `live-${id}`)?.cells['holdfast'];
  expect(cell('times')).toMatchObject({ text: expect.stringMatching(/^2\.0 \/ \d\.\d$/), value: 2 });
  expect(cell('ratio')).toEqual({ text: '0.50 / 0.50' });
  expect(cell('publish')).toEqual({ text: '1 / 2', value: 2 });
  expect(cell('idle')).toEqual({ text: '2.4', value: 2.44 });
});

test('show no ratio that differs between the rounds', () => {
  const rows = rowsOf([round([1, 1], [1, 1]), round([3, 3], [1, 1])], { holdfast: costs, realtime: costs });
  expect(rows[1]?.cells['holdfast']?.text).toBe('not stable / not stable');
});

test('are in the document, with their titles', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/benchmarks.md'), 'utf8');
  const [section = ''] = /### Live updates\n[\s\S]*?(?=\n### )/.exec(text) ?? [];
  const rows = rowsOf([round([1], [1])], { holdfast: costs, realtime: costs });
  expect(rows.filter(({ title }) => !section.includes(`| ${title} |`))).toEqual([]);
});
