/** The request of a verification: the job, and its entry in the trail, in one transaction. */
import type { z } from '@hono/zod-openapi';
import type { TenantScope } from '../http/index.ts';
import { enqueue } from '../jobs/index.ts';
import { type verifyInput, verifyJob } from './job.ts';

/** Queues the verification of the tenant's trail, and returns the id of the job. */
export function requestVerification(tenant: TenantScope, input: z.input<typeof verifyInput>): Promise<string> {
  return tenant.commit(async (tx) => {
    const id = await enqueue(tx, verifyJob, input);
    await tx.audit({ action: 'audit.verified', entity: { type: 'job', id } });
    return id;
  });
}
