/** Rights of callers. API keys carry their own rights; people have those of their role. */

/** A right that a route may require. */
export const rights = [
  'crm:read',
  'crm:write',
  'users:manage',
  'keys:manage',
  'cache:admin',
  'jobs:admin',
  'care:read',
  'care:write',
  'audit:read',
] as const;
export type Right = (typeof rights)[number];

/** A grant of a role or an API key: a right, all rights of a room (`crm:*`), or `*` for every right. */
export const grantableRights: readonly string[] = [
  '*',
  ...new Set(rights.map((right) => `${right.split(':')[0]}:*`)),
  ...rights,
];

/** The roles people have in a tenant. */
export const roles = ['owner', 'admin', 'member', 'clinician', 'auditor'] as const;
export type Role = (typeof roles)[number];

const RIGHTS_OF: Record<Role, readonly string[]> = {
  owner: ['*'],
  admin: ['crm:*', 'users:manage', 'keys:manage', 'cache:admin', 'jobs:admin', 'audit:read'],
  member: ['crm:*'],
  clinician: ['crm:read', 'care:*'],
  auditor: ['crm:read', 'audit:read'],
};

/** The rights of a role; none for a role that is not known (any more). */
export function rightsOf(role: string): readonly string[] {
  return Object.hasOwn(RIGHTS_OF, role) ? RIGHTS_OF[role as Role] : [];
}

/** The limits of the API do not stop administrators, so that they can repair the cause when a limit is reached. */
export function bypassesLimits(role: string | null): boolean {
  return role === 'owner' || role === 'admin';
}

/** Whether rights allow what is asked. */
export function allows(held: readonly string[], asked: Right): boolean {
  return includes(held, asked);
}

/** Those of the rights in `asked` that `held` does not include. `crm:*` is included in `crm:*` and `*` only. */
export function missingRights(held: readonly string[], asked: readonly string[]): string[] {
  return asked.filter((each) => !includes(held, each));
}

function includes(held: readonly string[], asked: string): boolean {
  const [room] = asked.split(':');
  return held.includes('*') || held.includes(`${room}:*`) || held.includes(asked);
}
