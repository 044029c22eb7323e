/** The site of the documents, built without the reference: its links, its navigation, its search. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import MiniSearch from 'minisearch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSite, DeadLinksError } from '../../../dev/site/build-site.ts';
import { readDocument } from '../../../dev/site/document.ts';
import { groupsOf } from '../../../dev/site/order.ts';
import { readPages } from '../../../dev/site/pages.ts';
import { render } from '../../../dev/site/render.ts';
import { type Found, SEARCH_OPTIONS } from '../../../dev/site/search-index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const out = mkdtempSync(join(tmpdir(), 'holdfast-site-'));
let files: string[];
beforeAll(async () => {
  await buildSite({ root: ROOT, out });
  files = readdirSync(out, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
});
afterAll(() => rmSync(out, { recursive: true }));

const read = (file: string) => readFileSync(join(out, file), 'utf8');

test('each document is a page', () => {
  expect(readPages(ROOT).filter(({ address }) => !files.includes(address))).toEqual([]);
});

test('each address in a page is relative and leads to a file and an anchor of the site, or to another site by a link', () => {
  const pages = files.filter((file) => file.endsWith('.html'));
  const anchors = new Map(
    pages.map((file) => [file, new Set([...read(file).matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id))]),
  );
  const wrong = pages.flatMap((file) =>
    [...read(file).matchAll(/<(\w+)[^>]* (?:href|src)="([^"]*)"/g)].flatMap(([, element, address = '']) => {
      if (element === 'a' && /^(?:https?|mailto):/.test(address)) return [];
      const [path = '', anchor = ''] = address.split('#');
      const target = path === '' ? file : posix.join(posix.dirname(file), decodeURI(path));
      const isThere = existsSync(join(out, target)) && (anchor === '' || anchors.get(target)?.has(anchor) !== false);
      return isThere ? [] : [`${file}: ${address}`];
    }),
  );
  expect(pages.length).toBeGreaterThan(200);
  expect(wrong).toEqual([]);
});

test('a page has wide tables that scroll, attributes that end where they should, and a section for each larger heading', async () => {
  const markdown =
    '# A\n\nStart [x](https://a.example/?b=1&c=2)\n\n## B\n\n### C\n\nc\n\n#### D\n\nd\n\n| e |\n| --- |\n| f |\n';
  const { html, sections } = await render(
    readDocument({ source: 'docs/a.md', address: 'a.html', markdown }),
    new Map(),
  );
  expect(html).toContain('<a href="https://a.example/?b=1&amp;c=2">x</a>');
  expect(html).toMatch(/<div class="wide" tabindex="0"><table>[\s\S]*<\/table><\/div>/);
  expect(sections).toEqual([
    { heading: 'A', address: 'a.html#a', text: 'Start x' },
    { heading: 'B', address: 'a.html#b', text: '' },
    { heading: 'C', address: 'a.html#c', text: expect.stringMatching(/^c D .*d e f$/) },
  ]);
});

test('styles and scripts load nothing from elsewhere', () => {
  const assets = files.filter((file) => /^assets\/(?:site|theme)\.(?:css|js)$/.test(file));
  expect(assets.length).toBe(3);
  for (const file of assets) expect(read(file), file).not.toMatch(/https?:|@import|\burl\((?!#)|^import\b/);
});

describe('the navigation', () => {
  test('has the groups in the order of a newcomer, with each page once', () => {
    const pages = readPages(ROOT);
    const further = ['docs/guides/x.md', 'docs/runbooks/x.md', 'reference/x.md'].map((source) => ({ source }));
    const groups = groupsOf([...pages, ...further]);
    expect(groups.map(({ title }) => title)).toEqual([
      'Setup',
      'Concepts',
      'Cache',
      'Sessions',
      'Limits',
      'Jobs',
      'Feeds',
      'Care',
      'Operations',
      'Runbooks',
      'Reference',
      'Package',
    ]);
    const sources = groups.flatMap((group) => group.pages.map(({ source }) => source));
    expect(sources.toSorted()).toEqual([...pages, ...further].map(({ source }) => source).toSorted());
  });

  test('marks the page that is open, in an open group', () => {
    const html = read('cache.html');
    expect(html).toMatch(/<details open><summary>Cache<\/summary>.*aria-current="page"/);
    expect(html.match(/aria-current/g)).toHaveLength(1);
  });
});

test('the search finds sections by their words, also by their beginning and with a typing error', () => {
  const script = read('assets/search-index.js');
  const json = JSON.parse(script.slice(script.indexOf('=') + 1, -2));
  const index = MiniSearch.loadJSON<Found>(json, SEARCH_OPTIONS);
  const first = (words: string) => String(index.search(words)[0]?.['address']);
  expect(first('presence')).toMatch(/^live\.html#/);
  expect(first('presenc')).toMatch(/^live\.html#/);
  expect(first('presnece')).toMatch(/^live\.html#/);
  expect(index.search('zzzz')).toEqual([]);
});

test('a dead link ends the build, and the site stays as it was', async () => {
  const further = [{ source: 'reference/x.md', address: 'x.html', markdown: '# X\n\n[y](y.md)\n' }];
  const build = buildSite({ root: ROOT, out, further });
  await expect(build).rejects.toThrow(DeadLinksError);
  await expect(build).rejects.toThrow('reference/x.md: y.md: there is no such file');
  expect(existsSync(join(out, 'index.html'))).toBe(true);
});
