/** `costs`: computes what a month of traffic costs at Upstash, QStash, Cloudflare and AWS. */
import { readFileSync } from 'node:fs';
import { type Command, type Report, required } from './command.ts';
import type { Bill } from './costs/bill.ts';
import { suggestion } from './nearest.ts';
import { UsageError } from './usage-error.ts';

export const costs: Command = {
  name: 'costs',
  summary: 'Computes the dollars of a month of traffic at Upstash, QStash, Cloudflare and AWS',
  options: {
    profile: { type: 'string', value: 'file', help: 'The calls of a month, in the form of docs/costs.md' },
  },
  example: 'costs --profile docs/examples/traffic.json',
  async run(input) {
    const file = required(input, 'profile');
    const { parseProfile } = await import('./costs/profile.ts');
    const profile = parseProfile(read(file), file);
    // The operations are loaded with the app, which takes seconds.
    const [{ describedCosts }, { billOf }] = await Promise.all([
      import('./costs/described.ts'),
      import('./costs/bill.ts'),
    ]);
    const known = describedCosts();
    for (const [id, { hitRatio }] of Object.entries(profile.operations)) {
      const cost = known.get(id);
      if (!cost) throw new UsageError(`There is no operation ${id}${suggestion(id, [...known.keys()])}`);
      if (hitRatio !== undefined && !('hit' in cost)) {
        throw new UsageError(`operations.${id}.hitRatio is not used: no value of ${id} is cached`);
      }
    }
    return reportOf(billOf(profile, known));
  },
};

function reportOf(bill: Bill): Report {
  const { work, operations, lines, totals } = bill;
  const line = (usd: number, quantity: number, text: string) =>
    `${dollars(usd).padStart(12)}  ${short(quantity).padStart(15)}  ${text}`;
  const total = (usd: number, text: string) => `${dollars(usd).padStart(12)}  ${' '.repeat(15)}  ${text}`;
  return {
    lines: [
      ...lines.map(({ usd, quantity, of, price, assumed }) =>
        line(usd, quantity, `${of} (${price}${assumed ? ', an assumption' : ''})`),
      ),
      '',
      total(totals.cloudflare, 'on Cloudflare, with Redis and QStash'),
      total(totals.aws, 'on AWS, with Redis and QStash'),
      `${' '.repeat(12)}  ${short(work.statements).padStart(15)}  SQL statements, for the choice of a database`,
      '',
      'The most expensive operations, at Upstash and QStash:',
      ...operations.slice(0, 10).map(({ usd, calls, id }) => line(usd, calls, `calls of ${id}`)),
    ],
    json: bill,
  };
}

function dollars(usd: number): string {
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function short(amount: number): string {
  return amount.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`--profile ${file} cannot be read`);
  }
}
