/** Calls the operations of tenants, sign-in, users and API keys. */
import { randomBytes } from 'node:crypto';
import { APP_URL } from '../../../support/app.ts';
import { createAuthenticator } from '../../../support/authenticator.ts';
import { addPerson } from '../../../support/people.ts';
import type { ClientWorld } from '../world.ts';
import { useFactor } from './factors.ts';

const anyAddress = () => `${randomBytes(8).toString('hex')}@people.example`;
const PASSWORD = 'several quiet harbour walls';

export async function callIdentity(world: ClientWorld): Promise<void> {
  const { program, tenant, connectionString } = world;
  const { health, auditKeys, users, apiKeys, invitations } = program;
  await health.check();
  await health.checkReadiness();
  await auditKeys.list();

  await program.tenants.signUp({
    body: {
      ...{ company: 'Quay', tenant: `q-${randomBytes(6).toString('hex')}`, name: 'Ada' },
      ...{ email: anyAddress(), password: PASSWORD },
    },
  });
  const person = await addPerson(connectionString, tenant.id, { role: 'owner' });
  await signIn(world, person);
  await useCode(world, person.email);
  await usePage(world, person);
  await invite(world);

  await program.tenant.get();
  await program.tenant.update({ body: { timeZone: 'Europe/Berlin' } });
  await users.list({ role: 'member' });
  const id = world.idOf('member');
  await users.get({ id });
  await users.update({ id, body: { name: 'Another Name' } });
  for (const read of [users.getFull, users.listProjects, users.listTasks, users.getDashboard]) await read({ id });
  await world.staff.member.me.update({ body: { name: 'My Name' } });

  const key = await apiKeys.create({ body: { name: 'A program', rights: ['crm:read'], expiresAt: null } });
  await apiKeys.list();
  await apiKeys.get({ id: key.id });
  await apiKeys.rotate({ id: key.id });
  await apiKeys.revoke({ id: key.id });
  await invitations.resend({ userId: (await addPerson(connectionString, tenant.id, UNVERIFIED)).id });
  await useFactor(world);
  // The last call, because it signs all people out.
  await program.sessions.revokeAll();
}

const UNVERIFIED = { role: 'member', verified: false, password: null } as const;

interface SignIn {
  email: string;
  password: string;
}

async function signIn(world: ClientWorld, { email, password }: SignIn): Promise<void> {
  const user = world.client();
  const { tokens, sessions } = user;
  const { refreshToken = '' } = await sessions.signIn({ body: { email, password, as: 'tokens' } });
  await sessions.getCurrent();
  await sessions.list();
  await tokens.refresh({ body: { refreshToken } });

  const other = world.client();
  const { refreshToken: last = '' } = await other.sessions.signIn({ body: { email, password, as: 'tokens' } });
  const { items } = await other.sessions.list();
  await other.sessions.revoke({ id: items.find(({ current }) => !current)?.id ?? 'none' });
  await other.tokens.revoke({ body: { refreshToken: last } });
}

async function useCode(world: ClientWorld, email: string): Promise<void> {
  // A code works in the browser that asked for it.
  const user = world.page();
  await user.codes.request({ body: { email } });
  const code = /\b\d{8}\b/.exec(await world.mailTo(email))?.[0] ?? '';
  await user.codes.verify({ body: { code } });
  await user.sessions.signOut();
}

async function usePage(world: ClientWorld, { email, password }: SignIn): Promise<void> {
  const { sessions, passkeys, passwords } = world.page();
  await sessions.signIn({ body: { email, password } });
  const options = (await passkeys.start()) as Parameters<ReturnType<typeof createAuthenticator>['create']>[0];
  const credential = createAuthenticator(APP_URL).create(options) as never;
  const { id } = await passkeys.create({ body: { name: 'Laptop', credential } });
  await passkeys.list();
  await passkeys.delete({ id });
  await passwords.change({ body: { current: password, password } });
  await sessions.revokeOthers();
}

async function invite(world: ClientWorld): Promise<void> {
  const email = anyAddress();
  await world.program.invitations.create({ body: { email, name: 'Guest', role: 'member' } });
  const [link = ''] = /http\S+\/sign-in\?\S+/.exec(await world.mailTo(email)) ?? [];
  const invitation = new URL(link).searchParams.get('invitation') ?? '';
  await world.client().invitations.accept({ body: { tenant: world.tenant.id, invitation, as: 'tokens' } });
}
