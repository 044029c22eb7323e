/** What callers may do. API keys carry rights of their own; people have those of their role. */

/** Something a route may ask for. `*` is everything; `crm:*` is everything in the CRM. */
export type Right =
  | 'crm:read'
  | 'crm:write'
  | 'users:manage'
  | 'cache:admin'
  | 'jobs:admin'
  | 'care:read'
  | 'care:write'
  | 'audit:read';

/** The roles people have in a tenant. */
export const roles = ['owner', 'admin', 'member', 'clinician', 'auditor'] as const;
export type Role = (typeof roles)[number];

const RIGHTS_OF: Record<Role, readonly string[]> = {
  owner: ['*'],
  admin: ['crm:*', 'users:manage', 'cache:admin', 'jobs:admin', 'audit:read'],
  member: ['crm:*'],
  clinician: ['crm:read', 'care:*'],
  auditor: ['crm:read', 'audit:read'],
};

/** The rights of a role; none for a role that is not known (any more). */
export function rightsOf(role: string): readonly string[] {
  return Object.hasOwn(RIGHTS_OF, role) ? RIGHTS_OF[role as Role] : [];
}

/** Administrators are not stopped by the limits of the API, so that they can mend what made somebody hit them. */
export function bypassesLimits(role: string | null): boolean {
  return role === 'owner' || role === 'admin';
}

/** Whether rights allow what is asked. */
export function allows(rights: readonly string[], asked: Right): boolean {
  const [room] = asked.split(':');
  return rights.includes('*') || rights.includes(`${room}:*`) || rights.includes(asked);
}
