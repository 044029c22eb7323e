/** The screens of the service: Redis and SQL, limits, and alerts. */
import { describe, expect, test } from 'vitest';
import { counted, type Desk, formOf, open, wordsOf } from '../desk.ts';

export function serviceTests(desk: () => Desk): void {
  test('Redis and SQL shows memory by family, the requests of an answer, circuits and journals', async () => {
    const { browser } = await desk().signedIn();
    const { platform } = desk().world.app.test;
    const { counters } = platform;
    const scope = platform.scope();
    counters.note('server.memory', {}, 3 * 2 ** 20);
    counters.note('server.clients', {}, 12);
    counters.count('server.evicted', {}, 4);
    counters.note('memory.bytes', { family: 'sessions' }, 3_072);
    counters.note('memory.keys', { family: 'sessions' }, 6);
    counters.note('memory.bytes', { family: 'entry' }, 1_024);
    counters.note('memory.keys', { family: 'entry' }, 2);
    counters.note('memory.tenants', { tenant: '-' }, 512);
    counters.note('memory.sampled', {}, scope.system.now());
    counters.note('journal.writes', { query: 'list' }, 5);
    counters.note('journal.age', { query: 'list' }, 120_000);
    counters.count('circuits.calls', { circuit: 'mail', outcome: 'refused' }, 2);
    counters.count('http.round_trips', { route: 'GET /boats' }, 250);
    counters.count('commands.sent', { command: 'cache.test' }, 4);
    counters.count('commands.waited', { command: 'cache.test' }, 40_000);
    counters.note('commands.longest', { command: 'cache.test' }, 25_000);
    await counters.flush(scope.redis);
    await scope.end();
    const words = wordsOf((await open(browser, '/console/redis')).text);
    expect(words).toMatch(/Memory in use 3\.0 MiB 12 connections/);
    expect(words).toMatch(/Evicted keys look 4/);
    expect(words).toMatch(/sessions 6 3\.0 KiB 75\.0 % 512 entry 2 1\.0 KiB 25\.0 % 512/);
    expect(words).toMatch(/of no tenant 512 B/);
    expect(words).toMatch(/list 5 2 min/);
    expect(words).toMatch(/mail 0 0 2/);
    expect(words).toMatch(/GET \/boats 0 250 250\.00/);
    expect(words).toMatch(/cache\.test 4 10 s 25 s/);
    expect(words).toMatch(/Connections to PostgreSQL in use \d+ of at most 10 of this process/);
  });

  test('limits show the share of refused requests', async () => {
    const { browser } = await desk().signedIn();
    await counted(desk());
    expect(wordsOf((await open(browser, '/console/limits')).text)).toMatch(/api-caller 90 10 10\.0 % much 0 0/);
  });

  describe('alerts', () => {
    test('show their state and history, and an alert is silenced until an operator ends the silence', async () => {
      const { browser } = await desk().signedIn();
      const { text } = await open(browser, '/console/alerts');
      const name = /<option value="([^"]+)"/.exec(text)?.[1] ?? '';
      await desk().world.query(
        `INSERT INTO alert_changes (name, change, at, value) VALUES ($1, 'fired', now() AT TIME ZONE 'UTC', 1)`,
        [name],
      );
      const form = { name, minutes: '60', reason: 'A planned <b>move</b>', back: '/console/alerts' };
      const silenced = await open(browser, '/console/alerts/silence', form);
      expect(wordsOf(silenced.text)).toMatch(/The silence has begun\..* silenced .* fired/);
      expect(silenced.text).toContain('A planned &lt;b&gt;move&lt;/b&gt;');
      const end = formOf(silenced.text, '/end');
      const ended = await open(browser, end.action, end.fields);
      expect(wordsOf(ended.text)).toContain('The silence has ended.');
      expect(ended.text).not.toContain('A planned');
    });

    test('are silenced by operators only, for a choice of times and with a reason', async () => {
      const { browser } = await desk().signedIn();
      const name = /<option value="([^"]+)"/.exec((await open(browser, '/console/alerts')).text)?.[1] ?? '';
      const good = { name, minutes: '60', reason: 'A move' };
      for (const [wrong, status] of [
        [{ name: 'none' }, 404],
        [{ minutes: '61' }, 400],
        [{ reason: ' ' }, 400],
        [{ reason: 'x\u0000y' }, 400],
      ] as const) {
        expect((await open(browser, '/console/alerts/silence', { ...good, ...wrong })).status).toBe(status);
      }
      desk().operates(false);
      expect((await open(browser, '/console/alerts')).status).toBe(403);
      expect((await open(browser, '/console/alerts/silence', good)).status).toBe(403);
      expect((await open(browser, '/console/alerts/silences/silence_1/end', {})).status).toBe(403);
    });
  });
}
