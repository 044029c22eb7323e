/**
 * Rights of callers: API keys carry their own, people have those of their role. Modules define rights and say which
 * role has which, at load like routes. A right that no loaded module defines is granted to no role.
 */

/** A right that a route may require: its parts from the general to the special, `crm:read` or `care:records:read`. */
export type Right = `${string}:${string}`;

/** The rights that a module brings. */
export interface RightsDefinition {
  rights: readonly Right[];
  /** Rights that `*` does not include, the grant of owners: they are granted by name, or by a grant such as `care:*`. */
  restricted?: readonly Right[];
  /** The grants of roles: a right, all rights below a part (`crm:*`), or `*` for every right that is not restricted. */
  roles?: Readonly<Record<string, readonly string[]>>;
}

const defined = new Set<string>();
const restricted = new Set<string>();
const grantsOf = new Map<string, Set<string>>();

/**
 * Adds rights and the grants of roles. Rights that are defined already stay as they are.
 * @throws {TypeError} if a right is malformed, or a role gets a grant that no right of the definition is part of.
 */
export function defineRights({ rights, restricted: withheld = [], roles = {} }: RightsDefinition): void {
  const own = [...rights, ...withheld];
  const malformed = own.find((right) => !/^[a-z][a-z-]*(:[a-z][a-z-]*)+$/.test(right));
  if (malformed !== undefined) throw new TypeError(`${malformed} is not the name of a right`);
  for (const right of own) defined.add(right);
  for (const right of withheld) restricted.add(right);
  for (const [role, grants] of Object.entries(roles)) {
    const empty = grants.find((grant) => grant !== '*' && !own.some((right) => covers(grant, right)));
    if (empty !== undefined) throw new TypeError(`The role ${role} gets ${empty}, which is no right of its module`);
    const known = grantsOf.get(role) ?? new Set();
    for (const grant of grants) known.add(grant);
    grantsOf.set(role, known);
  }
}

/** Whether a module defines the right. */
export function isDefined(right: string): boolean {
  return defined.has(right);
}

/** Every right, sorted by name. */
export function rights(): string[] {
  return [...defined].sort();
}

/** Every grant of a role or an API key: `*`, all rights below each part (`crm:*`), and each right. */
export function grantableRights(): string[] {
  const parts = rights().flatMap((right) => {
    const names = right.split(':').slice(0, -1);
    return names.map((_name, index) => `${names.slice(0, index + 1).join(':')}:*`);
  });
  return ['*', ...new Set(parts), ...rights()];
}

/** The grants of a role; none for a role that no module knows (any more). */
export function rightsOf(role: string): readonly string[] {
  return [...(grantsOf.get(role) ?? [])];
}

/** Whether grants allow what is asked. */
export function allows(held: readonly string[], asked: Right): boolean {
  return held.some((grant) => includes(grant, asked));
}

/** Those of the grants in `asked` that `held` does not include: `crm:*` is included in `crm:*` and in `*`. */
export function missingRights(held: readonly string[], asked: readonly string[]): string[] {
  return asked.filter((wanted) => !held.some((grant) => includes(grant, wanted)));
}

/** Whether a grant includes another grant or a right. `*` does not include a grant with a restricted right in it. */
function includes(grant: string, wanted: string): boolean {
  if (grant === wanted) return true;
  if (grant !== '*') return covers(grant, wanted);
  return ![...restricted].some((right) => right === wanted || covers(wanted, right));
}

/** Whether a grant names a right, or the part above it: `care:*` covers `care:records:read` and `care:records:*`. */
function covers(grant: string, right: string): boolean {
  return grant === right || (grant.endsWith(':*') && right.startsWith(grant.slice(0, -1)));
}
