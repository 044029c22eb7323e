/** `provision`: creates or corrects the services of a deployment at their vendors. */
import { existsSync, writeFileSync } from 'node:fs';
import { type Command, optional, type Report } from './command.ts';
import { planHyperdrive } from './provision/hyperdrive.ts';
import { planQstash } from './provision/qstash.ts';
import { planRedis } from './provision/redis.ts';
import { type Plan, type Step, type Values, vendorApi } from './provision/step.ts';
import { UsageError } from './usage-error.ts';
import type { Workplace } from './workplace.ts';

const REGION = 'eu-central-1';

export const provision: Command = {
  name: 'provision',
  summary: 'Creates or corrects the Redis, the keys of QStash and the Hyperdrive of a deployment at their vendors',
  options: {
    'dry-run': {
      type: 'boolean',
      help: 'Only reads, and shows what would be changed; exits with 1 if something would',
    },
    apply: { type: 'boolean', help: 'Makes the changes' },
    name: {
      type: 'string',
      value: 'name',
      help: 'The name of the database and of the configuration. Default: holdfast',
    },
    region: { type: 'string', value: 'region', help: `The primary region of a new Redis. Default: ${REGION}` },
    write: { type: 'string', value: 'file', help: 'Writes the variables, with their secrets, into a new file' },
  },
  example: 'provision --dry-run --region eu-central-1',
  async run(input, place) {
    const [dryRun, apply] = [input.options['dry-run'] === true, input.options['apply'] === true];
    if (dryRun === apply) throw new UsageError('Give one of --dry-run and --apply');
    const file = optional(input, 'write');
    if (file !== undefined && existsSync(file)) throw new UsageError(`--write ${file}: the file exists already`);
    const wanted = { name: optional(input, 'name') ?? 'holdfast', region: optional(input, 'region') ?? REGION };
    const plans = await plansOf(place, wanted);
    const steps = plans.flatMap((plan) => plan.steps);
    const open = steps.filter((step) => step.apply);
    if (apply) {
      for (const [at, step] of open.entries()) {
        place.progress.show(at, open.length, step.text);
        await step.apply?.();
      }
      place.progress.end();
    }
    const values: Values = Object.assign({}, ...plans.map((plan) => plan.values()));
    if (file !== undefined) write(file, values);
    return reportOf(steps, values, { apply, file });
  },
};

async function plansOf({ environment }: Workplace, wanted: { name: string; region: string }): Promise<Plan[]> {
  const { UPSTASH_EMAIL: email, UPSTASH_API_KEY: key, UPSTASH_API_URL: upstash } = environment;
  const { QSTASH_TOKEN: token, QSTASH_URL: qstash, DATABASE_URL: databaseUrl } = environment;
  const { CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: cloudflareToken } = environment;
  const { CLOUDFLARE_API_URL: cloudflare } = environment;
  const basic = `Basic ${Buffer.from(`${email}:${key}`).toString('base64')}`;
  return Promise.all([
    email && key
      ? planRedis(vendorApi('Upstash', upstash || 'https://api.upstash.com', basic), wanted)
      : skipped('redis', 'set UPSTASH_EMAIL and UPSTASH_API_KEY, from Upstash’s console'),
    token
      ? planQstash(vendorApi('QStash', qstash || 'https://qstash.upstash.io', `Bearer ${token}`))
      : skipped('qstash', 'set QSTASH_TOKEN, from QStash’s console'),
    account && cloudflareToken && databaseUrl
      ? planHyperdrive(
          vendorApi('Cloudflare', cloudflare || 'https://api.cloudflare.com/client/v4', `Bearer ${cloudflareToken}`),
          { account, name: wanted.name, databaseUrl },
        )
      : skipped('hyperdrive', 'for a Worker, set CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN and DATABASE_URL'),
  ]);
}

function skipped(part: Step['part'], text: string): Plan {
  return { steps: [{ part, state: 'skipped', text }], values: () => ({}) };
}

/** Only the user of this process can read the file. An existing file is not replaced. */
function write(file: string, values: Values): void {
  const text = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  try {
    writeFileSync(file, text.join(''), { mode: 0o600, flag: 'wx' });
  } catch {
    throw new UsageError(`--write ${file}: the file cannot be written`);
  }
}

function reportOf(
  steps: readonly Step[],
  values: Values,
  { apply, file }: { apply: boolean; file: string | undefined },
): Report {
  const shown = steps.map(({ part, state, text }) => ({
    part,
    state: apply && state === 'to do' ? 'changed' : state,
    text,
  }));
  const isOpen = shown.some(({ state }) => state === 'to do' || state === 'by hand');
  const names = Object.keys(values);
  const where = file === undefined ? 'use --write <file> for their values' : `written to ${file}`;
  return {
    lines: [
      ...shown.map(({ part, state, text }) => `${state.padEnd(7)}  ${part.padEnd(10)}  ${text}`),
      ...(names.length === 0 ? [] : [`Variables: ${names.join(', ')}; ${where}`]),
    ],
    json: { applied: apply, steps: shown, variables: names },
    exitCode: isOpen ? 1 : 0,
  };
}
