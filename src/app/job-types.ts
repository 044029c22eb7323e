/** Declares that the jobs and schedules of this application get all services of its scopes. */
import type { Scope, TenantScope } from '../platform/http/index.ts';

declare module '../platform/jobs/scope.ts' {
  interface JobTypes {
    scope: Scope;
    tenant: TenantScope;
  }
}
