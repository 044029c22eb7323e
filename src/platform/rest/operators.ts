/** Rights over all tenants. Only administrators of the tenant that operates the service have these rights. */
import { ProblemError } from '../http/index.ts';
import type { Services } from './operation.ts';

/** The note in the API documentation of each operation that only operators may use. */
export const FOR_OPERATORS = 'Concerns all tenants. Only for administrators of the operating tenant.';

/**
 * Refuses callers outside `OPERATOR_TENANT`. Call this function behind a gate, which has checked the caller's right.
 * @throws {ProblemError} 403 `NOT_OPERATOR`
 */
export function operatorsOnly({ scope, tenant }: Pick<Services, 'scope' | 'tenant'>): void {
  const { OPERATOR_TENANT } = scope.environment;
  if (OPERATOR_TENANT !== undefined && tenant.tenant === OPERATOR_TENANT) return;
  throw new ProblemError(403, 'NOT_OPERATOR', 'This concerns all tenants; only the operating tenant may do it');
}
