-- Made by `npm run db:migration`, then edited where Prisma has no words for it: the two indexes of the order of work.

-- No statement reads deals by these columns, and each index costs every write of a deal.
DROP INDEX "deals_tenant_id_expected_close_date_idx";
DROP INDEX "deals_tenant_id_search_title_idx";

-- The tasks of a user and of a project by status, in the order of `src/crm/tasks/in-order.ts`. The included column lets
-- the index alone count the tasks that are due.
CREATE INDEX "tasks_assignee_work_idx"
  ON "tasks" ("tenant_id", "assignee_id", "status", coalesce("due_date", 'infinity'), "id") INCLUDE ("due_date");
CREATE INDEX "tasks_project_work_idx"
  ON "tasks" ("tenant_id", "project_id", "status", coalesce("due_date", 'infinity'), "id") INCLUDE ("due_date");
DROP INDEX "tasks_tenant_id_assignee_id_status_due_date_idx";

-- Lists with one filter, newest first.
CREATE INDEX "tasks_tenant_id_priority_id_idx" ON "tasks"("tenant_id", "priority", "id");
CREATE INDEX "tasks_tenant_id_assignee_id_id_idx" ON "tasks"("tenant_id", "assignee_id", "id");
CREATE INDEX "companies_tenant_id_industry_id_idx" ON "companies"("tenant_id", "industry", "id");
CREATE INDEX "webhook_deliveries_tenant_id_webhook_id_status_id_idx" ON "webhook_deliveries"("tenant_id", "webhook_id", "status", "id");
CREATE INDEX "audit_entries_tenant_id_action_id_idx" ON "audit_entries"("tenant_id", "action", "id");
CREATE INDEX "audit_entries_tenant_id_outcome_id_idx" ON "audit_entries"("tenant_id", "outcome", "id");
