/** `jobs list`: lists the jobs of a tenant, the latest change first. */
import { listJobs } from '../src/platform/jobs/admin/index.ts';
import { STATES, type State } from '../src/platform/jobs/index.ts';
import { type Command, optional, required } from './command.ts';
import { TENANT_OPTION } from './tenant.ts';
import { UsageError } from './usage-error.ts';

const MOST = 100;

export const jobsList: Command = {
  name: 'jobs list',
  summary: 'Lists the jobs of a tenant, the latest change first',
  options: {
    ...TENANT_OPTION,
    state: { type: 'string', value: 'state', choices: STATES, help: 'Only jobs in this state' },
    name: { type: 'string', value: 'name', help: 'Only jobs with this name, such as crm.notify' },
    limit: { type: 'string', value: 'number', help: `At most this many jobs, from 1 to ${MOST}. Default: 25` },
  },
  example: 'jobs list --tenant acme --state dead',
  async run(input, place) {
    const limit = Number(optional(input, 'limit') ?? 25);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
      throw new UsageError(`--limit must be a whole number from 1 to ${MOST}`);
    }
    const app = await place.app();
    const { tenant } = await app.tenant(required(input, 'tenant'));
    const name = optional(input, 'name');
    if (name !== undefined && !app.jobs.has(name)) throw new UsageError(`There is no job ${name}`);
    const state = optional(input, 'state') as State | undefined; // `parseCall` has checked the choice.
    const search = { name, state, from: undefined, to: undefined, limit, cursor: undefined };
    const page = await listJobs(app.scope.redis, tenant.tenant, [...app.jobs.keys()], search);
    const lines = page.items.map((job) => {
      return [job.id, job.state.padEnd(9), job.updatedAt, job.name, job.reason ?? ''].join('  ').trimEnd();
    });
    return { lines: lines.length > 0 ? lines : ['There are no such jobs'], json: page };
  },
};
