/** Rights over all tenants: only administrators of the one tenant that operates the service have them. */
import { ProblemError } from '../../http/index.ts';
import type { Services } from '../../rest/index.ts';

/** The note in the API documentation of each operation that only operators may use. */
export const FOR_OPERATORS = 'Concerns all tenants. Only for administrators of the operating tenant.';

/**
 * Lets only callers of `OPERATOR_TENANT` pass. Use it behind a gate, which has checked the right.
 * @throws {ProblemError} 403 `NOT_OPERATOR`
 */
export function operatorsOnly({ scope, tenant }: Pick<Services, 'scope' | 'tenant'>): void {
  const { OPERATOR_TENANT } = scope.environment;
  if (OPERATOR_TENANT !== undefined && tenant.tenant === OPERATOR_TENANT) return;
  throw new ProblemError(403, 'NOT_OPERATOR', 'This concerns all tenants; only the operating tenant may do it');
}
