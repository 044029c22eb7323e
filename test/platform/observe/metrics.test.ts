/** `GET /metrics`: its access, its costs, its text, and the alerts on it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { METRICS, type MetricName } from '../../../src/platform/counters/index.ts';
import { prometheusName } from '../../../src/platform/observe/prometheus.ts';
import { costOf, createTestApp } from '../../support/app.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

const RULES = join(import.meta.dirname, '../../../docs/prometheus-rules.yml');
const DASHBOARD = join(import.meta.dirname, '../../../docs/grafana-dashboard.json');
const PROMTOOL = process.env['PROMTOOL'] ?? 'promtool';

let clock: { now: number };
let operator: OwnTenant;
let app: ReturnType<typeof createTestApp>;
beforeAll(async () => {
  clock = { now: Date.now() };
  operator = await createTenant(inject('cloud').postgres.url);
  app = createTestApp({
    key: operator.keys.all,
    environment: { OPERATOR_TENANT: operator.id, COUNTERS_FLUSH_MS: '10000' },
    system: { now: () => clock.now },
  });
});
afterAll(() => app.close());

/** A line of the text: a comment, or a sample with its name, labels and value. */
const LINE =
  /^(?:# HELP ([a-z_]+) \S.*|# TYPE ([a-z_]+) (counter|gauge|histogram)|([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\d+(?:\.\d+)?(?:e[+-]\d+)?))$/;

async function metrics() {
  const response = await app.request('/metrics');
  expect(response.status).toBe(200);
  return response.text();
}

/** The values of all samples, by name and labels. */
const samplesOf = (text: string) =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
  );

/** Lets the isolate flush its counts. */
async function flushed() {
  clock.now += 10_000;
  await app.request('/deals/pipeline');
}

test('is for operators with the right metrics:read', async () => {
  const stranger = await createTenant(inject('cloud').postgres.url);
  const statuses = [];
  for (const key of [null, operator.keys.readOnly, stranger.keys.all, operator.keys.all]) {
    statuses.push((await app.request('/metrics', { key })).status);
  }
  expect(statuses).toEqual([401, 403, 403, 200]);
});

test('costs 1 request to Redis, with 1 command for each group; within 10 s only the commands of the gate', async () => {
  await metrics();
  clock.now += 10_000;
  // The flush that is due leaves with another request.
  await app.request('/deals/pipeline');
  const groups = new Set(Object.keys(METRICS).map((name) => name.split('.')[0])).size;
  const asked = await app.request('/metrics');
  expect(costOf(asked)).toEqual({ redis: `1 request, ${3 + groups} commands`, db: '0 queries' });
  expect(asked.headers.get('cache-control')).toBe('private, max-age=10');
  expect(costOf(await app.request('/metrics'))).toEqual({ redis: '1 request, 3 commands', db: '0 queries' });
});

test('false keys cause at most one reading in 10 s', async () => {
  clock.now += 20_000;
  const costs = [];
  for (let time = 0; time < 3; time += 1) {
    costs.push(costOf(await app.request('/metrics', { key: `${operator.keys.all.slice(0, -4)}aaaa` }))['redis']);
  }
  expect(Number.parseInt(costs[0]?.split(', ')[1] ?? '', 10)).toBeGreaterThan(8);
  for (const cost of costs.slice(1)) {
    expect(Number.parseInt(cost?.split(', ')[1] ?? '', 10)).toBeLessThan(8);
  }
});

test('is text of the exposition format, in which histograms are cumulative', async () => {
  // The second flush has the request of the first one.
  for (const _time of [1, 2]) await flushed();
  clock.now += 10_000;
  const text = await metrics();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(LINE);
  const samples = samplesOf(text);
  const route = 'route="GET /deals/pipeline"';
  const bounds = [...samples].filter(([name]) => name.startsWith(`holdfast_http_time_seconds_bucket{${route}`));
  const counts = bounds.map(([, value]) => value);
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  expect(bounds.at(-1)?.[0]).toContain('le="+Inf"');
  expect(counts.at(-1)).toBe(samples.get(`holdfast_http_time_seconds_count{${route}}`));
});

test('shows exactly the requests that were made, after one interval and one more request', async () => {
  const { keys } = await createTenant(inject('cloud').postgres.url);
  const name = 'holdfast_http_requests_total{route="GET /companies/:id",status="4xx"}';
  await flushed();
  clock.now += 10_000;
  const before = samplesOf(await metrics()).get(name) ?? 0;
  for (let time = 0; time < 7; time += 1) await app.request(`/companies/company_${time}`, { key: keys.all });
  await flushed();
  clock.now += 10_000;
  expect((samplesOf(await metrics()).get(name) ?? 0) - before).toBe(7);
});

/** The panels of the dashboard, as far as they are read here. */
interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}
const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: Panel[] };

test.each([
  ['alerts', () => readFileSync(RULES, 'utf8')],
  ['panels of the dashboard', () => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n')],
])('all %s use metrics that exist', (_what, read) => {
  const used = new Set([...read().matchAll(/holdfast_\w+/g)].map(([name]) => name));
  const made = (Object.keys(METRICS) as MetricName[]).flatMap((name) => {
    const full = prometheusName(name);
    if (full === null) return [];
    return METRICS[name].kind === 'time' ? ['bucket', 'count', 'sum'].map((part) => `${full}_${part}`) : [full];
  });
  expect(made).toEqual(expect.arrayContaining([...used]));
  expect(used.size).toBeGreaterThan(6);
});

test('the panels of the dashboard have ids and places of their own, within the 24 columns', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => [x + (at % w), y + Math.floor(at / w)] as const),
  );
  expect(new Set(cells.map(String)).size).toBe(cells.length);
  expect(Math.max(...cells.map(([x]) => x))).toBe(23);
});

const hasPromtool =
  process.env['PROMTOOL'] !== undefined || spawnSync(PROMTOOL, ['--version'], { stdio: 'ignore' }).status === 0;

// With PROMTOOL, as in CI, a missing program fails the test.
test.skipIf(!hasPromtool)('promtool accepts the text, the alerts and the expressions of the dashboard', async () => {
  clock.now += 10_000;
  const input = await metrics();
  const check = (...args: string[]) => execFileSync(PROMTOOL, ['check', ...args], { stdio: 'pipe' });
  // Only this check reads the input; another may end before it is written.
  execFileSync(PROMTOOL, ['check', 'metrics'], { input, stdio: 'pipe' });
  check('rules', RULES);
  const rules = panels.flatMap(({ id, targets }) =>
    targets.map(({ expr }, at) => ({ record: `panel:${id}:${at}`, expr: expr.replaceAll('$__rate_interval', '5m') })),
  );
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'));
  try {
    // JSON is YAML.
    writeFileSync(join(folder, 'panels.yml'), JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    check('rules', join(folder, 'panels.yml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
