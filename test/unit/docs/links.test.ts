/** Links of all documents lead to files, folders and headings that exist. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deadLinks } from '../../../dev/site/dead-links.ts';
import { readDocument } from '../../../dev/site/document.ts';
import { readPages } from '../../../dev/site/pages.ts';

const ROOT = join(import.meta.dirname, '../../..');
const documents = readPages(ROOT).map(readDocument);

test('no link of a document is dead', () => {
  expect(documents.length).toBeGreaterThan(40);
  expect(documents.flatMap(({ links }) => links).length).toBeGreaterThan(450);
  expect(deadLinks(documents, ROOT)).toEqual([]);
});

describe('a page', () => {
  const page = (markdown: string) => readDocument({ source: 'docs/a.md', address: 'a.html', markdown });
  const other = readDocument({
    source: 'docs/b.md',
    address: 'b.html',
    markdown: '# B\n\n## The `key()` & more\n\n## Twice\n\n## Twice\n\n<a id="own"></a>\n',
  });
  const deadIn = (markdown: string) => deadLinks([page(markdown), other], ROOT);

  test.each([
    ['[x](b.md)'],
    ['[x](b.md#the-key--more)'],
    ['[x](b.md#twice-1)'],
    ['[x](b.md#own)'],
    ['[x](#here)\n\n## Here'],
    ['[x](../package.json)'],
    ['[x](../test/unit/)'],
    ['[x](https://example.com/missing#place)'],
    ['`[x](missing.md)`'],
    ['```\n[x](missing.md)\n```'],
  ])('%j has no dead link', (markdown) => {
    expect(deadIn(markdown)).toEqual([]);
  });

  test.each([
    ['[x](missing.md)', 'docs/a.md: missing.md: there is no such file'],
    ['![x](missing.svg)', 'docs/a.md: missing.svg: there is no such file'],
    ['[x][1]\n\n[1]: ../missing.ts', 'docs/a.md: ../missing.ts: there is no such file'],
    ['| a |\n| --- |\n| [x](b.md#missing) |', 'docs/a.md: b.md#missing: docs/b.md has no heading #missing'],
    ['[x](#missing)', 'docs/a.md: #missing: docs/a.md has no heading #missing'],
  ])('%j has one', (markdown, expected) => {
    expect(deadIn(markdown)).toEqual([expected]);
  });
});
