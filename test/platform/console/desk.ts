/** The desk of an operator: a world of jobs, and browsers of people who look at the console. */
import { expect } from 'vitest';
import { z } from 'zod';
import type { ChartData } from '../../../src/console/parts/chart-data.ts';
import { verifyJob } from '../../../src/platform/audit/index.ts';
import type { ScheduleRegistry } from '../../../src/platform/jobs/index.ts';
import { enqueue, fatal, job } from '../../../src/platform/jobs/index.ts';
import { costOf } from '../../support/app.ts';
import { newClientAddress } from '../../support/client-address.ts';
import { openJobWorld } from '../../support/job-world.ts';
import { addPerson, createBrowser, type PersonOptions, signInAs } from '../../support/people.ts';

const input = z.object({ n: z.number() });
/** Ends in the way that the test asks for. */
let end: (n: number) => unknown = (n) => n * 2;
export const plain = job('desk.plain', { input, retries: 0, run: async ({ n }) => end(n) });
export const lanes = job('desk.lanes', { input, queue: 'lanes', concurrency: 2, run: async ({ n }) => n });
export const secret = job('desk.secret', { input, sensitive: true, run: async () => ({ word: 'S3cret' }) });

/** Opens the desk. */
export async function openDesk({ schedules }: { schedules?: ScheduleRegistry } = {}) {
  const world = await openJobWorld([plain, lanes, secret, verifyJob], schedules);

  const desk = {
    world,
    /** Makes the tenant of the desk the operating one, or an ordinary one. */
    operates(isOperator: boolean) {
      const { environment } = world.app.test.platform.scope();
      Object.assign(environment, { OPERATOR_TENANT: isOperator ? world.tenant.id : 'another' });
    },
    async clear() {
      end = (n) => n * 2;
      await world.clear();
    },
    /** A browser in which a user of this role has signed in, with a second factor if the role may act. */
    async signedIn(options: PersonOptions = { role: 'admin' }) {
      const factor = options.role === 'admin' || options.role === 'owner';
      const person = await addPerson(world.connectionString, world.tenant.id, { factor, ...options });
      const browser = createBrowser((path, init) => world.app.test.app.request(path, init), {
        'x-test-client-ip': newClientAddress(),
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
      });
      const answer = await signInAs(browser, person);
      if (answer.status !== 200) throw new Error(`Not signed in: ${answer.status}`);
      return { person, browser };
    },
    /** Enqueues a job with an input. */
    enqueue: (of: typeof plain, n: number, options = {}) =>
      world.app.within((tenant) => enqueue(tenant, of, { n }, options)),
    /** Runs jobs that end dead, and returns their ids. */
    async dead(count: number, reason = 'NO_SUCH_BOAT') {
      end = () => fatal(reason);
      const ids: string[] = [];
      for (let n = 0; n < count; n += 1) ids.push(await desk.enqueue(plain, n));
      await world.settle();
      end = (n) => n * 2;
      return ids;
    },
    /** Runs jobs that end done, and returns their ids. */
    async done(count: number) {
      const ids: string[] = [];
      for (let n = 0; n < count; n += 1) ids.push(await desk.enqueue(plain, n));
      await world.settle();
      return ids;
    },
    close: () => world.close(),
  };
  return desk;
}

export type Desk = Awaited<ReturnType<typeof openDesk>>;
export type DeskBrowser = Awaited<ReturnType<Desk['signedIn']>>['browser'];

/** An opened page. */
export interface Opened {
  status: number;
  text: string;
  cost: Record<string, string>;
  headers: Headers;
  /** The address, after a redirect. */
  path: string;
}

/** Opens a page, and follows the redirect of an action. */
export async function open(browser: DeskBrowser, path: string, form?: Record<string, string>): Promise<Opened> {
  const answer = await browser.request(path, form === undefined ? {} : { form: new URLSearchParams(form) });
  const location = answer.headers.get('location');
  if (location !== null) return { ...(await open(browser, location)), path: location };
  const text = await answer.text();
  return { status: answer.status, text, cost: costOf(answer), headers: answer.headers, path };
}

/** The texts of a page, without its markup. */
export function wordsOf(text: string): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The first form of a page whose address ends so: its address and its fields. The form of a question has no address. */
export function formOf(text: string, action: string): { action: string; fields: Record<string, string> } {
  const forms = [...text.matchAll(/<form method="post"(?: action="([^"]*)")?[^>]*>(.*?)<\/form>/gs)];
  const found = forms.find(([, address = '']) => (action === '' ? address === '' : address.endsWith(action)));
  if (!found) throw new Error(`The page has no form ${action}`);
  const [, address = '', content = ''] = found;
  const inputs = [...content.matchAll(/name="([^"]*)" value="([^"]*)"/g)];
  return {
    action: address,
    fields: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')])),
  };
}

/** Opens the question behind a link of a page, and answers it. */
export async function answer(browser: DeskBrowser, text: string, link: string, expected: RegExp) {
  const address = [...text.matchAll(/href="([^"]*)"/g)]
    .map(([, href = '']) => href.replaceAll('&amp;', '&'))
    .find((href) => href.startsWith(link));
  const asked = await open(browser, address ?? '');
  expect(wordsOf(asked.text)).toMatch(expected);
  return open(browser, asked.path.split('?')[0] ?? '', formOf(asked.text, '').fields);
}

/** Counts numbers as if requests had been made, and flushes them. Returns the time. */
export async function counted(desk: Desk): Promise<number> {
  const { platform } = desk.world.app.test;
  const { counters } = platform;
  counters.count('limits.requests', { rule: 'api-caller', outcome: 'allowed' }, 90);
  counters.count('limits.requests', { rule: 'api-caller', outcome: 'limited' }, 10);
  counters.count('cache.reads', { query: 'deal-pipeline', outcome: 'hit' }, 3);
  counters.count('cache.reads', { query: 'deal-pipeline', outcome: 'miss' }, 1);
  counters.count('http.requests', { route: 'GET /deals', status: '2xx' }, 99);
  counters.count('http.requests', { route: 'GET /deals', status: '5xx' });
  for (let each = 0; each < 100; each += 1) counters.time('http.time', { route: 'GET /deals' }, 16);
  const scope = platform.scope();
  await counters.flush(scope.redis);
  const at = scope.system.now();
  await scope.end();
  return at;
}

/** The data of the charts of a page. */
export function chartsOf(text: string): ChartData[] {
  const found = [...text.matchAll(/data-chart="([^"]*)"/g)];
  return found.map(([, data = '']) => JSON.parse(data.replaceAll('&quot;', '"')) as ChartData);
}
