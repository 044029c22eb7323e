/** A page of a tenant's jobs, as the API and the command line show it. */
import type { z } from '@hono/zod-openapi';
import type { RedisClient } from '../../redis/index.ts';
import { formatCursor, type jobsQuerySchema, parseCursor, toJob } from './admin-schema.ts';
import { browseJobs } from './browse.ts';

/**
 * Returns a page of a tenant's jobs: jobs with the name in the query or, without a name in the query, jobs with any of
 * the given names.
 */
export async function listJobs(
  redis: RedisClient,
  tenant: string,
  names: readonly string[],
  { name, state, from, to, limit, cursor }: z.output<typeof jobsQuerySchema>,
) {
  const page = await browseJobs({ redis, sealer: 'redact' }, tenant, {
    names: name === undefined ? names : [name],
    state,
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
    limit,
    cursor: parseCursor(cursor),
  });
  return { items: page.jobs.map(toJob), nextCursor: formatCursor(page.next) };
}
