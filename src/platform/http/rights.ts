/**
 * Rights of callers: an API key has its own rights, and a user has the rights of a role. Modules define rights, and
 * grant rights to roles, at module load. A right that no loaded module defines is granted to no role.
 */

/** A right that a route may require. Its parts go from general to special: `crm:read`, `care:records:read`. */
export type Right = `${string}:${string}`;

/** The rights that a module defines. */
export interface RightsDefinition {
  rights: readonly Right[];
  /**
   * Rights that `*`, the grant of owners, does not include. A role with such a right needs another grant, such as
   * `care:*`.
   */
  restricted?: readonly Right[];
  /**
   * The rights, among those above, that a user can use only after the proof of a second factor. API keys, which belong to
   * machines, need none.
   */
  factor?: readonly Right[];
  /**
   * The grants of each role. A grant is a right, all rights below a part (`crm:*`), or `*` for every right that is not
   * restricted.
   */
  roles?: Readonly<Record<string, readonly string[]>>;
}

const defined = new Set<string>();
const restricted = new Set<string>();
const withFactor = new Set<string>();
const grantsOf = new Map<string, Set<string>>();

/**
 * Adds rights and the grants of roles. Rights that are already defined stay unchanged.
 * @throws {TypeError} if a right is malformed, if a role's grant contains no right of the definition, or if a right
 * that needs a second factor is not in the definition.
 */
export function defineRights({ rights, restricted: withheld = [], factor = [], roles = {} }: RightsDefinition): void {
  const own = [...rights, ...withheld];
  const malformed = own.find((right) => !/^[a-z][a-z-]*(:[a-z][a-z-]*)+$/.test(right));
  if (malformed !== undefined) throw new TypeError(`${malformed} is not the name of a right`);
  for (const right of own) defined.add(right);
  for (const right of withheld) restricted.add(right);
  const foreign = factor.find((right) => !own.includes(right));
  if (foreign !== undefined) throw new TypeError(`${foreign} needs a second factor, but is no right of its module`);
  for (const right of factor) withFactor.add(right);
  for (const [role, grants] of Object.entries(roles)) {
    const empty = grants.find((grant) => grant !== '*' && !own.some((right) => covers(grant, right)));
    if (empty !== undefined) throw new TypeError(`The role ${role} gets ${empty}, which is no right of its module`);
    const known = grantsOf.get(role) ?? new Set();
    for (const grant of grants) known.add(grant);
    grantsOf.set(role, known);
  }
}

/** Returns whether a module defines the right. */
export function isDefined(right: string): boolean {
  return defined.has(right);
}

/** Returns every right, sorted by name. */
export function rights(): string[] {
  return [...defined].sort();
}

/** Returns every possible grant of a role or API key: `*`, all rights below each part (`crm:*`), and each right. */
export function grantableRights(): string[] {
  const parts = rights().flatMap((right) => {
    const names = right.split(':').slice(0, -1);
    return names.map((_name, index) => `${names.slice(0, index + 1).join(':')}:*`);
  });
  return ['*', ...new Set(parts), ...rights()];
}

/** Returns the grants of a role; an empty list for a role that no module defines. */
export function rightsOf(role: string): readonly string[] {
  return [...(grantsOf.get(role) ?? [])];
}

/** Returns whether the grants include the right. */
export function allows(held: readonly string[], asked: Right): boolean {
  return held.some((grant) => includes(grant, asked));
}

/** Returns whether a user needs the proof of a second factor to use the right. */
export function needsFactor(right: string): boolean {
  return withFactor.has(right);
}

/** Returns whether a right or a grant is, or includes, a restricted right. */
export function isRestricted(grant: string): boolean {
  return [...restricted].some((right) => right === grant || covers(grant, right));
}

/** Returns the grants in `asked` that `held` does not include. For example, `held` of `crm:*` includes `crm:read`. */
export function missingRights(held: readonly string[], asked: readonly string[]): string[] {
  return asked.filter((wanted) => !held.some((grant) => includes(grant, wanted)));
}

/**
 * Returns whether a grant includes another grant or a right. The grant `*` includes no restricted right, and no grant
 * with a restricted right.
 */
function includes(grant: string, wanted: string): boolean {
  if (grant === wanted) return true;
  if (grant !== '*') return covers(grant, wanted);
  return !isRestricted(wanted);
}

/**
 * Returns whether a grant covers a right or a narrower grant: `care:*` covers `care:records:read` and `care:records:*`.
 */
function covers(grant: string, right: string): boolean {
  return grant === right || (grant.endsWith(':*') && right.startsWith(grant.slice(0, -1)));
}
