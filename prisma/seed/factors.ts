/**
 * The authenticator apps of the demo. All have one public secret, sealed under the local cloud's key, so that they work
 * nowhere else.
 */
import type { Prisma } from '#prisma';
import { secretContext } from '../../src/identity/factors/totp.ts';
import { authSealer, createAuthKeys } from '../../src/platform/sessions/index.ts';
import { demoAuthKeys, demoFactor } from '../demo.ts';
import type { UserRow } from './people.ts';

/** Makes the app of each user who has a second factor. A seal is random, so two runs make different rows. */
export function makeFactors(users: readonly UserRow[]): Promise<Prisma.TotpDeviceCreateManyInput[]> {
  const sealer = authSealer(createAuthKeys(demoAuthKeys));
  return Promise.all(
    users
      .filter(({ factorAt }) => factorAt != null)
      .map(async ({ tenantId, id: userId, createdAt = new Date(0) }) => ({
        ...{ tenantId, userId, createdAt },
        secret: await sealer.seal(demoFactor.secret, secretContext({ tenantId, userId })),
      })),
  );
}
