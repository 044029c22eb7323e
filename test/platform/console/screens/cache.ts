/** The cache: its chart, what it stores, one entry, and wrong input. */
import { describe, expect, test } from 'vitest';
import { createTenant } from '../../../support/tenant.ts';
import { answer, chartsOf, counted, type Desk, open, wordsOf } from '../desk.ts';

export function cacheTests(desk: () => Desk): void {
  describe('the cache', () => {
    test('has a chart of its reads and hits by minute', async () => {
      await desk().world.advance(3 * 3_600_000);
      const { browser } = await desk().signedIn();
      await counted(desk());
      await desk().world.advance(60_000);
      const [chart] = chartsOf((await open(browser, '/console/cache')).text);
      expect(chart?.lines.map(({ name, values }) => [name, values.at(-1)])).toEqual([
        ['Reads', 4],
        ['Hit ratio', 75],
      ]);
    });

    test('shows what each query stores, what of it is read, and for how long, beside its ttl', async () => {
      const { browser } = await desk().signedIn();
      const { platform } = desk().world.app.test;
      const { counters } = platform;
      const query = 'deal-pipeline';
      counters.count('cache.sets', { query }, 160);
      counters.count('cache.stored', { query }, 163_840);
      counters.count('cache.traced', { query }, 10);
      counters.count('cache.used', { query }, 4);
      counters.count('cache.used_for', { query }, 80_000);
      counters.note('memory.entries', { query }, 12);
      const scope = platform.scope();
      await counters.flush(scope.redis);
      await scope.end();
      const words = wordsOf((await open(browser, '/console/cache')).text);
      expect(words).toMatch(/deal-pipeline 160 160 KiB|deal-pipeline 160 160\.0 KiB/);
      expect(words).toMatch(/KiB 1,024 12 60\.0 % 20 s \d+ min/);
    });

    test('shows an entry without its value, and a tag is ended after a question', async () => {
      const { browser } = await desk().signedIn();
      const read = async () => (await browser.request('/deals/pipeline')).headers.get('x-cache');
      expect([await read(), await read()]).toEqual(['MISS', 'HIT']);
      const address = `/console/cache?${new URLSearchParams({ query: 'deal-pipeline', args: '{}' })}`;
      const entry = await open(browser, address);
      expect(wordsOf(entry.text)).toContain('State fresh');
      expect(entry.text).not.toContain('currency');
      const ended = await answer(browser, entry.text, '/console/cache/invalidate?', /Invalidate 1 tag, deals/);
      expect(wordsOf(ended.text)).toMatch(/The tag has a new version.* State invalidated/);
      expect(await read()).toBe('MISS');
    });

    test('an operator begins a new era after a question, and every entry of all tenants is a miss', async () => {
      desk().operates(true);
      const { browser } = await desk().signedIn();
      const other = await createTenant(desk().world.connectionString);
      const own = async () => (await browser.request('/deals/pipeline')).headers.get('x-cache');
      const theirs = async () =>
        (await desk().world.app.test.request('/deals/pipeline', { key: other.keys.all })).headers.get('x-cache');
      await Promise.all([own(), theirs()]);
      expect([await own(), await theirs()]).toEqual(['HIT', 'HIT']);
      const { text } = await open(browser, '/console/cache');
      const begun = await answer(
        browser,
        text,
        '/console/cache/new-era?',
        /Begin a new era for all tenants\? No entry/,
      );
      expect(wordsOf(begun.text)).toContain('A new era has begun: no earlier entry of the cache is served.');
      expect(begun.path).toMatch(/^\/console\/cache\?done=/);
      expect([await own(), await theirs()]).toEqual(['MISS', 'MISS']);
    });

    test('administrators of other tenants are not offered a new era, and may not begin one', async () => {
      desk().operates(false);
      const { browser } = await desk().signedIn();
      expect((await open(browser, '/console/cache')).text).not.toContain('/console/cache/new-era');
      const [asked, sent] = [
        await open(browser, '/console/cache/new-era'),
        await open(browser, '/console/cache/new-era', {}),
      ];
      expect([asked.status, sent.status, wordsOf(sent.text)]).toEqual([
        403,
        403,
        expect.stringContaining('NOT_OPERATOR'),
      ]);
      desk().operates(true);
    });

    test('names wrong arguments, an unknown query and a wrong tag as problems', async () => {
      const { browser } = await desk().signedIn();
      const wrong: [string, number, string][] = [
        ['/console/cache?query=none', 404, 'The query does not exist'],
        ['/console/cache?query=deal-pipeline&args=%7B', 400, 'must be JSON'],
        ['/console/cache/invalidate?tag=', 400, 'NO_TAG'],
        ['/console/cache/invalidate?tag=a:b:c:d:e:f', 400, 'NO_TAG'],
      ];
      for (const [path, status, text] of wrong) {
        const page = await open(browser, path);
        expect([path, page.status, wordsOf(page.text)]).toEqual([path, status, expect.stringContaining(text)]);
      }
    });
  });
}
