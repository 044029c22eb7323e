/** The writes to deals. Each write invalidates the cached values of the rows it changes. */
import { lockRow } from '../../platform/db/index.ts';
import { notFound, type Scope, type TenantScope } from '../../platform/http/index.ts';
import { record } from '../activities/record.ts';
import { dayColumn } from '../calendar.ts';
import { notify } from '../notifications/job.ts';
import { companiesOfTasks, lockTasksOfDeal } from '../references.ts';
import { dealTags, taskTags } from '../tags.ts';
import { toDeal } from './deal.ts';
import type { Deal, DealChanges, NewDeal } from './schema.ts';

/** Adds a deal. */
export function createDeal(tenant: TenantScope, scope: Scope, deal: NewDeal): Promise<Deal> {
  return tenant.commit(async (tx) => {
    const now = new Date(scope.system.now());
    const row = await tx.db.deal.create({
      data: {
        ...deal,
        expectedCloseDate: dayColumn(deal.expectedCloseDate),
        closedAt: isClosed(deal.stage) ? now : null,
        id: scope.system.rowId('deal'),
        tenantId: tenant.tenant,
        createdAt: now,
      },
    });
    const about = { entityType: 'deal', entityId: row.id, data: { title: row.title } } as const;
    await record(tx, tenant, scope, { ...about, verb: 'created', tags: dealTags.of(row) });
    return toDeal(row);
  });
}

/**
 * Changes a deal. Closing it (won, lost) sets `closedAt`; reopening clears it.
 * @throws {ProblemError} 404 if the deal does not exist.
 */
export function updateDeal(tenant: TenantScope, scope: Scope, id: string, changes: DealChanges): Promise<Deal> {
  return tenant.commit(async (tx) => {
    const where = { tenantId_id: { tenantId: tenant.tenant, id } };
    if (!(await lockRow(tx.db, 'deals', tenant.tenant, id))) throw notFound('deal');
    const before = await tx.db.deal.findUniqueOrThrow({ where });
    const stage = changes.stage ?? before.stage;
    const closing = isClosed(stage) && !isClosed(before.stage);
    const row = await tx.db.deal.update({
      where,
      data: {
        ...changes,
        expectedCloseDate: dayColumn(changes.expectedCloseDate),
        ...(closing ? { closedAt: new Date(scope.system.now()) } : {}),
        ...(isClosed(stage) ? {} : { closedAt: null }),
      },
    });
    await record(tx, tenant, scope, {
      verb: stage === before.stage ? 'updated' : verbOf(stage),
      entityType: 'deal',
      entityId: id,
      data: { title: row.title, stage, fields: Object.keys(changes) },
      tags: [...dealTags.of(before), ...dealTags.of(row)],
    });
    if (stage === 'won' && before.stage !== 'won') await notify(tx, tenant, { kind: 'deal.won', id });
    return toDeal(row);
  });
}

/**
 * Deletes a deal. Its tasks stay, without a deal.
 * @throws {ProblemError} 404 if the deal does not exist.
 */
export function deleteDeal(tenant: TenantScope, scope: Scope, id: string): Promise<void> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'deals', tenantId, id))) throw notFound('deal');
    const tasks = await lockTasksOfDeal(tx.db, tenantId, id);
    const companyIds = await companiesOfTasks(tx.db, tenantId, tasks);
    const row = await tx.db.deal.delete({ where: { tenantId_id: { tenantId, id } } });
    for (const task of tasks) tx.invalidate(...taskTags.of(task, companyIds));
    const about = { entityType: 'deal', entityId: id, data: { title: row.title } } as const;
    await record(tx, tenant, scope, { ...about, verb: 'deleted', tags: dealTags.of(row) });
  });
}

function isClosed(stage: Deal['stage']): boolean {
  return stage === 'won' || stage === 'lost';
}

function verbOf(stage: Deal['stage']): string {
  return isClosed(stage) ? stage : 'moved';
}
