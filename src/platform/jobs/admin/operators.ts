/** Rights over all tenants: only administrators of the one tenant that operates the service have them. */
import type { Context } from 'hono';
import { type AppEnv, ProblemError } from '../../http/index.ts';

/** Lets only callers of `OPERATOR_TENANT` pass. Use it behind a gate, which has checked the right. */
export function operatorsOnly(c: Context<AppEnv>): void {
  const { OPERATOR_TENANT } = c.var.scope.environment;
  if (OPERATOR_TENANT !== undefined && c.var.tenant.tenant === OPERATOR_TENANT) return;
  throw new ProblemError(403, 'NOT_OPERATOR', 'This concerns all tenants; only the operating tenant may do it');
}
