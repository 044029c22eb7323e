/**
 * The users, and the API keys of programs. The first user of each role is named after the role (`owner@acme.example`),
 * and so is easy to find.
 */
import { createHash } from 'node:crypto';
import type { Prisma } from '#prisma';
import { demoFactor, demoKeys, demoPassword, demoRights } from '../demo.ts';
import { addDays, type World } from './world.ts';

export type UserRow = Prisma.UserCreateManyInput;
type Role = UserRow['role'];

const FACTOR_ROLES: readonly Role[] = demoFactor.roles;

/** Makes users, as many of each role as `counts` says. The last member has left and is disabled. */
export function makeUsers(world: World, counts: Partial<Record<Role, number>>): UserRow[] {
  const roles = (Object.keys(counts) as Role[]).flatMap((role) =>
    Array.from({ length: counts[role] ?? 0 }, (_, index) => ({ role, first: index === 0 })),
  );
  const users = roles.map(({ role, first }, index): UserRow => {
    const firstName = world.faker.person.firstName();
    const lastName = world.faker.person.lastName();
    const createdAt = world.daysAgo(720, 200);
    const mailbox = first ? role : `${firstName}.${lastName}${index}`.toLowerCase().replace(/[^a-z0-9.]/g, '');
    return {
      tenantId: world.tenantId,
      id: world.id('user', createdAt),
      email: `${mailbox}@${world.tenantId}.example`,
      name: `${firstName} ${lastName}`,
      role,
      // All other users have no password and sign in with a code.
      passwordHash: first ? demoPassword.hash : null,
      verifiedAt: createdAt,
      factorAt: first && FACTOR_ROLES.includes(role) ? createdAt : null,
      lastActiveAt: world.daysAgo(30, 0),
      createdAt,
      updatedAt: createdAt,
    };
  });
  const leaver = users.findLast(({ role, email }) => role === 'member' && !email.startsWith('member@'));
  if (leaver !== undefined) leaver.disabledAt = leaver.lastActiveAt ?? null;
  return users;
}

const SELLERS: readonly Role[] = ['owner', 'admin', 'member'];

/** Returns the users who own deals and tasks: all active users except auditors and the users of the care area. */
export function workers(users: UserRow[]): UserRow[] {
  return users.filter(({ role, disabledAt }) => SELLERS.includes(role) && disabledAt == null);
}

/** Makes the demo keys of a tenant. */
export function makeApiKeys({ tenantId, now }: World): Prisma.ApiKeyCreateManyInput[] {
  const names = Object.keys(demoKeys) as (keyof typeof demoKeys)[];
  return names.flatMap((name) => {
    const [, tenant, id = '', secret = ''] = demoKeys[name].split('_');
    if (tenant !== tenantId) return [];
    const secretHash = createHash('sha256').update(secret).digest('hex');
    const createdAt = addDays(now, -1);
    const rights = demoRights[name];
    return [{ tenantId, id, name: `Local demo (${name})`, secretHash, rights, createdAt, updatedAt: createdAt }];
  });
}
