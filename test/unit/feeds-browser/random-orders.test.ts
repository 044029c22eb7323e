/** Random orders of events, cuts of the network, and tabs that open and close: no remaining tab misses an event. */
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { startFeedServer } from './feed-server.ts';
import { openTab } from './tabs.ts';

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const tab of opened.splice(0)) tab.close();
});

test('tabs close and open between events: each remaining tab hears every later event in order', async () => {
  const step = fc.constantFrom('event', 'event', 'close', 'open', 'cut');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
      const browser = await startBrowser();
      await browser.open();
      for (const next of [...steps, 'event' as const]) await browser[next]();
      await browser.hasHeardAll();
      await browser.end();
    }),
    { numRuns: 20, endOnFailure: true },
  );
});

/** A browser with a server of its own, which delivers to each connection all events after its cursor. */
async function startBrowser() {
  const own = await startFeedServer();
  const tabs: { tab: ReturnType<typeof openTab>; from: number }[] = [];
  let count = 0;
  let send = () => {};
  let cut = () => {};
  void (async () => {
    for (;;) {
      const request = await own.next();
      let at = Number(request.after ?? count);
      request.hello(String(at));
      cut = request.cut;
      send = () => {
        for (; at < count; at += 1) request.block(String(at + 1), 'deals', { type: String(at + 1) });
      };
      send();
    }
  })();
  return {
    async open() {
      const tab = openTab({ url: own.url, topics: ['deals'] });
      opened.push(tab);
      await expect.poll(() => tab.log, { interval: 5 }).toContain('open');
      tabs.push({ tab, from: count });
    },
    async close() {
      if (tabs.length > 1) tabs.shift()?.tab.close();
    },
    async cut() {
      cut();
    },
    async event() {
      count += 1;
      send();
    },
    async hasHeardAll() {
      for (const { tab, from } of tabs) {
        const later = Array.from({ length: count - from }, (_, at) => `deals ${from + at + 1}`);
        await expect
          .poll(
            () => {
              for (const each of tabs) each.tab.clock.advance(1_000);
              // A new tab may also hear of an event that was on its way.
              const isEarlier = (line: string) => Number(line.split(' ')[1]) <= from;
              return tab.log.filter((line) => / /.test(line) && !isEarlier(line));
            },
            { interval: 5 },
          )
          .toEqual(['reset deals start', ...later]);
      }
    },
    async end() {
      for (const { tab } of tabs) tab.close();
      await own.close();
    },
  };
}
