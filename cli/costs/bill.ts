/** Turns the traffic of a month into work, and the work into dollars. */
import type { CachedCost, Cost } from '../../src/platform/rest/index.ts';
import { PRICES, type PriceName } from './prices.ts';
import type { Profile, Traffic } from './profile.ts';

/** `Idempotency-Key` adds this work to a call. */
const KEY: Cost = { requests: 2, commands: 2, statements: 2, messages: 0 };

/** The work of a month. */
export interface Work extends Cost {
  calls: number;
}

/** One line of the bill. */
export interface BillLine {
  price: PriceName;
  of: string;
  quantity: number;
  usd: number;
  /** `true` if no dated copy of the provider's page confirms the price, and the profile has none of its own. */
  assumed: boolean;
}

/** The bill of a month. SQL statements have no price here: a database is billed by its size. */
export interface Bill {
  /** The work of calls, jobs and schedules. */
  work: Work;
  /** The work of each operation, and its dollars at Upstash and QStash; the most expensive one is first. */
  operations: readonly (Work & { id: string; usd: number })[];
  lines: readonly BillLine[];
  /** Dollars of a deployment on each platform, with Redis and QStash. */
  totals: { cloudflare: number; aws: number };
}

/** Computes the bill. `costs` has the cost of each operation of the profile. */
export function billOf(profile: Profile, costs: ReadonlyMap<string, Cost | CachedCost>): Bill {
  const operations = Object.entries(profile.operations).map(([id, traffic]) => {
    const cost = costs.get(id);
    if (!cost) throw new TypeError(`No cost of ${id}`);
    return { id, ...workOf(cost, traffic, profile.hitRatio) };
  });
  const sum = (name: keyof Work) => operations.reduce((total, work) => total + work[name], 0);
  const { run, schedules } = profile;
  const [calls, messages] = [sum('calls'), sum('messages')];
  const work: Work = {
    calls,
    requests: sum('requests') + messages * run.requests + schedules.times * schedules.requests,
    commands: sum('commands') + messages * run.commands + schedules.times * schedules.commands,
    statements: sum('statements') + messages * run.statements,
    messages,
  };
  const invocations = calls + messages + schedules.times;
  const quantities: Record<PriceName, number> = {
    'upstash.commands': work.commands,
    'upstash.storage': profile.storageGb,
    'upstash.bandwidth': profile.bandwidthGb,
    'qstash.messages': messages,
    'cloudflare.plan': 1,
    'cloudflare.requests': invocations,
    'cloudflare.cpu': invocations * profile.cpuMs,
    'aws.gateway': calls,
    'aws.invocations': invocations,
    'aws.compute': invocations * (profile.durationMs / 1000) * (profile.memoryMb / 1024),
  };
  const usd = (name: PriceName, quantity: number) => dollarsOf(name, quantity, profile.prices[name]);
  const lines = (Object.keys(PRICES) as PriceName[]).map((name) => {
    const quantity = quantities[name];
    const { of, read } = PRICES[name];
    const assumed = read === null && profile.prices[name] === undefined;
    return { price: name, of, quantity, usd: usd(name, quantity), assumed };
  });
  const total = (...providers: string[]) =>
    rounded(lines.reduce((all, line) => all + (providers.includes(line.price.split('.')[0] ?? '') ? line.usd : 0), 0));
  return {
    work,
    operations: operations
      .map((each) => ({
        ...each,
        usd: rounded(usd('upstash.commands', each.commands) + usd('qstash.messages', each.messages)),
      }))
      .toSorted((one, other) => other.usd - one.usd),
    lines,
    totals: { cloudflare: total('upstash', 'qstash', 'cloudflare'), aws: total('upstash', 'qstash', 'aws') },
  };
}

function workOf(cost: Cost | CachedCost, { calls, hitRatio, keyed }: Traffic, usualRatio: number): Work {
  const hits = hitRatio ?? usualRatio;
  const each = (name: keyof Cost) =>
    'hit' in cost ? hits * cost.hit[name] + (1 - hits) * cost.miss[name] : cost[name];
  const all = (name: keyof Cost) => Math.round(calls * (each(name) + keyed * KEY[name]));
  return {
    calls,
    requests: all('requests'),
    commands: all('commands'),
    statements: all('statements'),
    messages: all('messages'),
  };
}

function dollarsOf(name: PriceName, quantity: number, usd: number = PRICES[name].usd): number {
  const { unit, free } = PRICES[name];
  return rounded((Math.max(0, quantity - free) / unit) * usd);
}

/** Rounds to millionths of a dollar, so that sums have no digits that only the computer adds. */
function rounded(usd: number): number {
  return Math.round(usd * 1_000_000) / 1_000_000;
}
