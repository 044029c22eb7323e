/** The overview: its figures, its charts, and what it shows to tenants that do not operate the service. */
import { describe, expect, test } from 'vitest';
import { chartsOf, counted, type Desk, open, wordsOf } from '../desk.ts';

export function overviewTests(desk: () => Desk): void {
  describe('the overview', () => {
    test('shows the figures of the service with their window to operators', async () => {
      // A sign-in with a recovery code queues a mail, whose job this desk does not know.
      const { browser } = await desk().signedIn({ role: 'admin', factor: false });
      await desk().dead(2);
      await counted(desk());
      const words = wordsOf((await open(browser, '/console?window=5m')).text);
      expect(words).toMatch(/Available look 99\.0 % 1 answer with 5xx in the last 5 minutes/);
      expect(words).toMatch(/Cache hits 75\.0 % of 4 reads in the last 5 minutes/);
      expect(words).toMatch(/Dead letters look 2 2 in the last hour/);
      expect(words).toMatch(/GET \/deals 100 16 ms/);
    });

    test('has charts of the last 60 complete minutes, and their numbers as tables', async () => {
      // A minute in which no other suite counts.
      await desk().world.advance(3 * 3_600_000);
      const { browser } = await desk().signedIn({ role: 'admin', factor: false });
      await desk().world.advance(60_000);
      const at = await counted(desk());
      await desk().world.advance(60_000);
      const { text } = await open(browser, '/console');
      const charts = chartsOf(text);
      expect(charts.map(({ lines }) => lines.map(({ name }) => name))).toEqual([
        ['p50', 'p95', 'p99'],
        ['Requests', '5xx'],
      ]);
      const [time, requests] = charts;
      expect([time?.times.length, time?.times.at(-1)]).toEqual([60, Math.floor(at / 60_000) * 60]);
      const p95 = time?.lines[1]?.values.at(-1) ?? 0;
      expect(p95).toBeGreaterThan(16 / 1.1);
      expect(p95).toBeLessThan(16 * 1.1);
      expect(requests?.lines.map(({ values }) => values.at(-1))).toEqual([100, 1]);
      expect(time?.lines[1]?.values[0]).toBeNull();
      const minute = new Date(at).toISOString().slice(11, 16);
      expect(wordsOf(text)).toContain(`Minute Requests 5xx ${minute} 100 1.0 %`);
    });

    test('shows only the jobs of the tenant to others', async () => {
      const { browser } = await desk().signedIn();
      await counted(desk());
      desk().operates(false);
      const { text, cost } = await open(browser, '/console');
      expect(cost['redis']).toBe('2 requests, 5 commands');
      expect(wordsOf(text)).toContain('Waiting jobs 0');
      expect(text).not.toMatch(/Available|GET \/deals|\/console\/limits/);
      for (const path of ['/console/limits', '/console/schedules', '/console/redis'])
        expect((await open(browser, path)).status).toBe(403);
    });
  });
}
