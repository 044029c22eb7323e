/** Calls the operations of the second factor. */
import { Secret, TOTP } from 'otpauth';
import { addPerson } from '../../../support/people.ts';
import type { ClientWorld } from '../world.ts';

export async function useFactor(world: ClientWorld): Promise<void> {
  const { connectionString, tenant } = world;
  const { email, password } = await addPerson(connectionString, tenant.id, { role: 'member' });
  // The first app needs a session that began with a mailed code.
  const user = world.page();
  await user.codes.request({ body: { email } });
  const mailed = /\b\d{8}\b/.exec(await world.mailTo(email))?.[0] ?? '';
  await user.codes.verify({ body: { code: mailed } });
  const { secret } = await user.factors.begin();
  const timestamp = world.app.test.platform.scope().system.now();
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
  const { recoveryCodes } = await user.factors.confirm({ body: { code } });
  await user.factors.refresh({ body: { recoveryCode: recoveryCodes[0] ?? '' } });
  const renewed = (await user.recoveryCodes.create({ body: { recoveryCode: recoveryCodes[1] ?? '' } })).recoveryCodes;

  // A browser has the sign-in that waits as a cookie. Five proofs in 15 minutes are allowed.
  const other = world.page();
  await other.sessions.signIn({ body: { email, password } }).catch(() => undefined);
  await other.factors.start({ body: {} });
  await other.factors.verify({ body: { recoveryCode: renewed[0] ?? '' } });
  await other.factors.remove({ body: { recoveryCode: renewed[1] ?? '' } });

  const { id: userId } = await addPerson(connectionString, tenant.id, { role: 'member', factor: true });
  await world.staff.owner.factors.revoke({ userId });
}
