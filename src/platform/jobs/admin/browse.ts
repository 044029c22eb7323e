/** Pages of a tenant's jobs, merged from the lists of several names and states. */
import { type JobRecord, type RecordServices, readJob } from '../record.ts';
import { type Cursor, type JobSearch, type ListedJob, readJobIndex } from './job-index.ts';

/** A page of jobs, the latest change first. */
export interface JobPage {
  jobs: JobRecord[];
  next: Cursor | null;
}

/** Reads a page. 2 requests: the first request has 1 command, and the second request has 2 commands for each job. */
export async function browseJobs(services: RecordServices, tenant: string, search: JobSearch): Promise<JobPage> {
  const { jobs, next } = await readJobIndex(services.redis, tenant, search);
  return { jobs: await readListed(services, tenant, jobs), next };
}

/** Reads the records of listed jobs. Redis may have deleted a record whose id is still in the list. 1 request. */
export async function readListed(
  services: RecordServices,
  tenant: string,
  listed: readonly ListedJob[],
): Promise<JobRecord[]> {
  const records = await Promise.all(listed.map(({ id }) => readJob(services, tenant, id)));
  return records.filter((record) => record !== null);
}
