/** The deployment of the Worker, by wrangler. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import type { Finding } from '../cli/doctor/finding.ts';
import { variableNames } from '../src/app/env.ts';
import { commonSteps } from './common.ts';
import type { Steps } from './order.ts';
import { ROOT, runTool, type Variables } from './tools.ts';

const NO_ID = /^0*$/;
/** A Worker has the database by its Hyperdrive binding. */
const NOT_AT_THE_WORKER = 'DATABASE_URL';

/** Makes the steps. The values under [vars] of wrangler.toml take precedence over the variables of the shell. */
export function workerSteps(shell: Variables, { isBuilt, isDry }: { isBuilt: boolean; isDry: boolean }): Steps {
  const { vars, hyperdrive, triggers } = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') });
  const variables = atTheWorker(shell, vars);
  const common = commonSteps(variables, { bundle: 'dist/worker/cloudflare.js', isBuilt });
  const hasCron = (triggers.crons ?? []).length > 0;
  return {
    ...common,
    settings: async () => [...(await common.settings()), ...hyperdriveFindings(hyperdrive[0]?.id ?? '', isDry)],
    // The build is `wrangler deploy --dry-run`.
    package: async () => 'dist/worker',
    servers: async () => [...(await common.servers()), ...secretFindings(variables, vars, await secretNames(shell))],
    async upload(build) {
      const place = await mkdtemp(join(tmpdir(), 'holdfast-deploy-'));
      const told = join(place, 'wrangler.jsonl');
      try {
        const tool = { ...shell, WRANGLER_OUTPUT_FILE_PATH: told };
        await runTool('wrangler', ['deploy', '--tag', build], tool, { isShown: true });
        return versionOf(await readFile(told, 'utf8')) ?? 'unknown';
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    },
    schedules: hasCron ? undefined : async () => void (await runTool('schedules:sync', [], variables)),
    rollback: ['npx wrangler versions list', 'npx wrangler rollback <version>'],
  };
}

/** Returns the version of the lines of JSON that wrangler writes about its deployment. */
export function versionOf(lines: string): string | undefined {
  const entries = lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { type?: string; version_id?: string });
  return entries.find(({ type }) => type === 'deploy')?.version_id;
}

/** Returns the variables with which the Worker runs: the values of wrangler.toml take precedence over those of the shell. */
export function atTheWorker(shell: Variables, vars: object): Variables {
  return { ...shell, ...(vars as Record<string, string>) };
}

/** Without an id the Worker has no database. A dry run of a checkout without one only says so. */
export function hyperdriveFindings(id: string, isDry: boolean): Finding[] {
  if (!NO_ID.test(id)) return [];
  const text = 'wrangler.toml has no id of a Hyperdrive';
  const cure = 'npx wrangler hyperdrive create, or npm run holdfast -- provision';
  return [{ part: 'environment', outcome: isDry ? 'warning' : 'failed', text, cure }];
}

/** Finds the variables of this deployment that the Worker has neither as a variable nor as a secret. */
export function secretFindings(variables: Variables, vars: object, secrets: readonly string[]): Finding[] {
  return variableNames()
    .filter((name) => variables[name] && name !== NOT_AT_THE_WORKER && !(name in vars) && !secrets.includes(name))
    .map((name) => ({
      part: 'environment',
      outcome: 'failed',
      text: `${name} is set here and not at the Worker`,
      cure: `npx wrangler secret put ${name}, or put it under [vars] of wrangler.toml`,
    }));
}

async function secretNames(shell: Variables): Promise<string[]> {
  const listed = await runTool('wrangler', ['secret', 'list', '--format', 'json'], shell);
  return (JSON.parse(listed) as { name: string }[]).map(({ name }) => name);
}
