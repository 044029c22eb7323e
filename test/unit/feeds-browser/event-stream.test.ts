/** The reader of event streams: every way to cut the text gives the same blocks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, readEventStream } from '../../../src/platform/feeds/browser/event-stream.ts';

function read(pieces: readonly string[]): { blocks: Block[]; retries: number[] } {
  const blocks: Block[] = [];
  const retries: number[] = [];
  const next = readEventStream(
    (block) => blocks.push(block),
    (ms) => retries.push(ms),
  );
  for (const piece of pieces) next(piece);
  return { blocks, retries };
}

const LINES = [
  ': a comment',
  'retry: 3417',
  'id: a@1-1.x',
  'event: deals',
  'data: {"one":',
  'data:1}',
  '',
  'id: a@1-2.y',
  '',
  'retry: soon',
  'id: with\0zero',
  'data',
  'data:  two: spaces ',
  'unknown: field',
  '',
  'data: never ends',
];
const BLOCKS: Block[] = [
  { id: 'a@1-1.x', event: 'deals', data: '{"one":\n1}' },
  { id: 'a@1-2.y', event: '', data: undefined },
  { id: 'a@1-2.y', event: '', data: '\n two: spaces ' },
];

test.each([
  ['LF', '\n'],
  ['CR', '\r'],
  ['CRLF', '\r\n'],
])('reads lines that end with %s, for every cut of the text', (_name, end) => {
  const text = LINES.join(end);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((to, at) => text.slice(places[at], to));
      expect(read(pieces)).toEqual({ blocks: BLOCKS, retries: [3417] });
    }),
  );
});

test('a block that ends with CR is reported before the next piece of text', () => {
  expect(read(['data: 1\r\r']).blocks).toEqual([{ id: '', event: '', data: '1' }]);
});
