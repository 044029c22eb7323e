/** The job that verifies the audit trail of a tenant. Its result is the report; see `GET /jobs/{id}`. */
import { z } from 'zod';
import { job } from '../jobs/index.ts';
import { openAnchors } from './anchors.ts';
import { publicKeysOf } from './signing.ts';
import { verifyTrail } from './verify.ts';

/** The input: a seal that was kept outside the database, if the caller has one. */
export const verifyInput = z.object({
  anchor: z
    .object({ seal: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits') })
    .optional(),
});

export const verifyJob = job('audit.verify', {
  input: verifyInput,
  timeout: '30m',
  keepResult: '7d',
  concurrency: 2,
  async run({ anchor }, { scope, tenant, progress }) {
    const publicKeys = await publicKeysOf(scope.environment.AUDIT_SIGNING_KEYS);
    const kept = await openAnchors(scope.environment, scope)?.newest(tenant.tenant);
    return verifyTrail(scope.store, {
      tenantId: tenant.tenant,
      publicKeys,
      now: scope.system.now(),
      anchors: [anchor, kept].filter((each) => each != null),
      progress: (seals) => (seals % 100 === 0 ? progress({ seals }) : undefined),
    });
  },
});
