/** The roles that have a right of care. */
import { roles } from '../../identity/index.ts';
import { allows, type Right, rightsOf } from '../../platform/http/index.ts';

/** Returns the roles that have a right. */
export function rolesWith(right: Right) {
  return roles.filter((role) => allows(rightsOf(role), right));
}
