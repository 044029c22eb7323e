/** The calculator of costs, and the tables of docs/costs.md, which are made from the code. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { billOf } from '../../../cli/costs/bill.ts';
import { describedCosts } from '../../../cli/costs/described.ts';
import { PRICES } from '../../../cli/costs/prices.ts';
import { parseProfile } from '../../../cli/costs/profile.ts';
import { run } from '../../../cli/run.ts';
import type { CachedCost, Cost } from '../../../src/platform/rest/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const costs = describedCosts();
const cost = (requests: number, commands: number, statements: number, messages = 0): Cost => ({
  requests,
  commands,
  statements,
  messages,
});
const KNOWN = new Map<string, Cost | CachedCost>([
  ['deals.list', { hit: cost(1, 3, 0), miss: cost(3, 5, 2) }],
  ['deals.create', cost(5, 11, 7, 2)],
]);
/** No schedules, and no work beyond that of the operations. */
const bare = { schedules: { times: 0, requests: 0, commands: 0 }, run: { requests: 0, commands: 0, statements: 0 } };
const billFor = (profile: object) => billOf(parseProfile(JSON.stringify(profile), 'x.json'), KNOWN);
const dollarsOf = (profile: object) =>
  Object.fromEntries(billFor(profile).lines.map(({ price, usd }) => [price, Number(usd.toFixed(6))]));

describe('the work of a month', () => {
  test('of a cached read is that of its hits and of its misses', () => {
    const { work } = billFor({ ...bare, operations: { 'deals.list': { calls: 1000, hitRatio: 0.75 } } });
    expect(work).toEqual({ calls: 1000, requests: 1500, commands: 3500, statements: 500, messages: 0 });
  });

  test('of a write has the runs of its messages, and the work of its keys', () => {
    const profile = {
      schedules: { times: 10, requests: 1, commands: 4 },
      run: { requests: 2, commands: 2, statements: 3 },
      operations: { 'deals.create': { calls: 100, keyed: 0.5 } },
    };
    expect(billFor(profile).work).toEqual({
      calls: 100,
      requests: 100 * (5 + 0.5 * 2) + 200 * 2 + 10,
      commands: 100 * (11 + 0.5 * 2) + 200 * 2 + 40,
      statements: 100 * (7 + 0.5 * 2) + 200 * 3,
      messages: 200,
    });
  });
});

describe('the bill', () => {
  const operations = { 'deals.list': { calls: 20_000_000, hitRatio: 1 } };

  test('has each price, beyond the amount that a provider does not bill', () => {
    const profile = { ...bare, operations, storageGb: 3, bandwidthGb: 210, cpuMs: 2, durationMs: 100, memoryMb: 1024 };
    expect(dollarsOf(profile)).toEqual({
      'upstash.commands': 120,
      'upstash.storage': 0.5,
      'upstash.bandwidth': 0.3,
      'qstash.messages': 0,
      'cloudflare.plan': 5,
      'cloudflare.requests': 3,
      'cloudflare.cpu': 0.2,
      'aws.gateway': 20,
      'aws.invocations': 4,
      'aws.compute': 26.6668,
    });
    const { totals } = billFor(profile);
    expect([totals.cloudflare, totals.aws].map((usd) => usd.toFixed(2))).toEqual(['129.00', '171.47']);
  });

  test('takes prices of the profile, which are no assumptions', () => {
    const profile = { ...bare, operations: { 'deals.create': { calls: 1000 } }, prices: { 'qstash.messages': 2 } };
    const [line] = billFor(profile).lines.filter(({ price }) => price === 'qstash.messages');
    expect(line).toMatchObject({ quantity: 2000, usd: 0.04, assumed: false });
  });
});

describe('a profile', () => {
  test.each([
    ['{', '--profile x.json is not JSON'],
    ['{}', 'operations'],
    ['{"operations":{"deals.list":{"calls":-1}}}', 'operations.deals.list.calls'],
    ['{"operations":{"deals.list":{"calls":1e308}}}', 'operations.deals.list.calls'],
    ['{"operations":{"deals.list":{"calls":1,"hitRatio":2}}}', 'operations.deals.list.hitRatio'],
    ['{"operations":{},"colour":1}', 'colour'],
    ['{"operations":{},"prices":{"aws.gold":1}}', 'aws.gold'],
  ])('%s is refused, and the message names %s', (text, part) => {
    expect(() => parseProfile(text, 'x.json')).toThrow(part);
  });
});

describe('the command', () => {
  const call = (profile: string, ...more: string[]) => run(['costs', '--profile', join(ROOT, profile), ...more], {});

  test('prints JSON for programs', async () => {
    const { exitCode, out } = await call('docs/examples/traffic.json', '--json');
    expect([exitCode, JSON.parse(out)]).toEqual([0, expect.objectContaining({ work: expect.anything() })]);
  });

  test.each([
    [{ 'deal.list': { calls: 1 } }, 'There is no operation deal.list. Did you mean deals.list?'],
    [{ 'deals.create': { calls: 1, hitRatio: 0.5 } }, 'operations.deals.create.hitRatio is not used: no value'],
  ])('refuses %j', async (operations, part) => {
    const file = join(mkdtempSync(join(tmpdir(), 'holdfast-costs-')), 'profile.json');
    writeFileSync(file, JSON.stringify({ operations }));
    const { exitCode, error } = await run(['costs', '--profile', file], {});
    rmSync(dirname(file), { recursive: true });
    expect([exitCode, error]).toEqual([2, expect.stringContaining(part)]);
  });

  test('refuses a file that cannot be read', async () => {
    expect(await call('docs/none.json')).toMatchObject({
      exitCode: 2,
      error: expect.stringMatching(/cannot be read$/),
    });
  });
});

describe('docs/costs.md', () => {
  const path = join(ROOT, 'docs/costs.md');

  test('has the prices, the example and every operation as the code has them', async () => {
    const { out } = await run(['costs', '--profile', join(ROOT, 'docs/examples/traffic.json')], {});
    const page = readFileSync(path, 'utf8')
      .replace(
        /(?<=```console\n)[^`]*(?=```)/,
        () => `$ npm run -s holdfast -- costs --profile docs/examples/traffic.json\n${out}\n`,
      )
      .replace(/(?<=<!-- prices -->\n)[\s\S]*(?=<!-- \/prices -->)/, () => `\n${priceTable()}\n`)
      .replace(/(?<=<!-- operations -->\n)[\s\S]*(?=<!-- \/operations -->)/, () => `\n${operationTables()}\n`);
    await expect(page).toMatchFileSnapshot(path);
  });

  test('names only prices whose source is a page of the provider', () => {
    for (const { source } of Object.values(PRICES)) {
      expect(source).toMatch(/^https:\/\/(upstash\.com|developers\.cloudflare\.com|aws\.amazon\.com)\//);
    }
  });
});

function priceTable(): string {
  return table(
    ['price', 'dollars', 'for', 'not billed', 'source', 'day'],
    Object.entries(PRICES).map(([name, { usd, unit, of, free, source, read }]) => [
      ...[`\`${name}\``, usd, `${unit.toLocaleString('en-US')} ${of}`, free.toLocaleString('en-US')],
      ...[`<${source}>`, read ?? '–'],
    ]),
  );
}

function operationTables(): string {
  const all = [...costs].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const cached = all.flatMap(([id, each]) => ('hit' in each ? [{ id, ...each }] : []));
  const others = all.flatMap(([id, each]) => ('hit' in each ? [] : [{ id, ...each }]));
  const read = ({ requests, commands, statements }: Cost) => [requests, commands, statements];
  return [
    'Cached reads. None publishes a message.\n\n',
    table(
      ['operation', 'hit: requests', 'commands', 'statements', 'miss: requests', 'commands', 'statements'],
      cached.map(({ id, hit, miss }) => [`\`${id}\``, ...read(hit), ...read(miss)]),
    ),
    '\nAll others:\n\n',
    table(
      ['operation', 'requests', 'commands', 'statements', 'messages'],
      others.map((each) => [`\`${each.id}\``, ...read(each), each.messages]),
    ),
  ].join('');
}

function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |\n`;
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...rows.map(line)].join('');
}
