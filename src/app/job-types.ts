/** The runs of this application's jobs and schedules have all services of its scopes. */
import type { Scope, TenantScope } from '../platform/http/index.ts';

declare module '../platform/jobs/scope.ts' {
  interface JobTypes {
    scope: Scope;
    tenant: TenantScope;
  }
}
