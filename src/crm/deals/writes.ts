/** The writes to deals. */
import type { Transaction } from '../../platform/db/index.ts';
import type { TenantScope } from '../../platform/http/index.ts';
import { dayColumn, entity, requirePlaces } from '../../platform/rest/index.ts';
import { recordActivity } from '../activities/record.ts';
import { changedNames, checkValues, shownRow, shownWith, type WithFields } from '../fields/custom.ts';
import { notify } from '../notifications/job.ts';
import { companiesOfTasks, lockTasksOfDeal } from '../references.ts';
import { dealTags, taskTags } from '../tags.ts';
import { loadSettings } from '../tenant/settings.ts';
import { type DealRow, toDeal } from './deal.ts';
import { appendDealEvents, eventOfRemoval, eventsOfChange, eventsOfNew, isClosed } from './events.ts';
import type { Deal, DealChanges, NewDeal } from './schema.ts';

const deals = entity<'deal', DealRow & WithFields>({
  kind: 'deal',
  table: 'deals',
  load: async (db, where) =>
    shownRow(db, where.tenantId_id.tenantId, 'deal', await db.deal.findUniqueOrThrow({ where })),
  show: toDeal,
  tags: (_tx, states) => states.flatMap(dealTags.of),
  label: ({ title }) => ({ title }),
  record: recordActivity,
});

/**
 * Adds a deal.
 * @throws {ProblemError} 400 if the value has more decimal places than the currency.
 */
export function createDeal(tenant: TenantScope, { custom, ...deal }: NewDeal): Promise<Deal> {
  return tenant.commit(async (tx) => {
    const { currency } = await loadSettings(tx.db, tx.tenant);
    const valuePlaces = requirePlaces(deal.value, currency, 'value');
    const { data, fields } = await checkValues(tx, 'deal', custom);
    const row = await deals.add(tx, async (columns) => {
      const closedAt = isClosed(deal.stage) ? columns.createdAt : null;
      const expectedCloseDate = dayColumn(deal.expectedCloseDate);
      const own = { valuePlaces, expectedCloseDate, closedAt, ...data };
      return shownWith(fields, await tx.db.deal.create({ data: { ...deal, ...columns, ...own } }));
    });
    const added = toDeal(row);
    await appendDealEvents(tx, eventsOfNew(added));
    return added;
  });
}

/**
 * Changes a deal. Closing the deal (won, lost) sets `closedAt`; reopening clears `closedAt`.
 * @throws {ProblemError} 404 if the deal does not exist; 400 if the value has more decimal places than the currency.
 */
export function updateDeal(tenant: TenantScope, id: string, { custom, ...changes }: DealChanges): Promise<Deal> {
  const activity = {
    fields: changedNames(changes, custom),
    verb: (before: DealRow, { stage }: DealRow) => (stage === before.stage ? 'updated' : verbOf(stage)),
    data: ({ stage }: DealRow) => ({ stage }),
  };
  return tenant.commit(async (tx) => {
    const { before, row } = await deals.change(tx, id, activity, async (before, where) => {
      const stage = changes.stage ?? before.stage;
      const closing = isClosed(stage) && !isClosed(before.stage);
      const { data, fields } = await checkValues(tx, 'deal', custom, before);
      const row = await tx.db.deal.update({
        where,
        data: {
          ...changes,
          ...(await placesOfChange(tx, changes)),
          expectedCloseDate: dayColumn(changes.expectedCloseDate),
          ...(closing ? { closedAt: new Date(tx.system.now()) } : {}),
          ...(isClosed(stage) ? {} : { closedAt: null }),
          ...data,
        },
      });
      return shownWith(fields, row);
    });
    const changed = toDeal(row);
    await appendDealEvents(tx, eventsOfChange(toDeal(before), changed, activity.fields));
    if (row.stage === 'won' && before.stage !== 'won') await notify(tx, { kind: 'deal.won', id });
    return changed;
  });
}

/**
 * Deletes a deal. Its tasks stay, without a deal.
 * @throws {ProblemError} 404 if the deal does not exist.
 */
export function deleteDeal(tenant: TenantScope, id: string): Promise<void> {
  return tenant.commit(async (tx) => {
    await deals.remove(tx, id, async (where) => {
      const tasks = await lockTasksOfDeal(tx.db, tx.tenant, id);
      const companyIds = await companiesOfTasks(tx.db, tx.tenant, tasks);
      for (const task of tasks) tx.invalidate(...taskTags.of(task, companyIds));
      return shownWith(null, await tx.db.deal.delete({ where }));
    });
    await appendDealEvents(tx, [eventOfRemoval(id)]);
  });
}

/** Returns the column with the decimal places of a new value. 1 query if the value changes. */
async function placesOfChange({ db, tenant }: Transaction, { value }: DealChanges): Promise<{ valuePlaces?: number }> {
  if (value === undefined) return {};
  const { currency } = await loadSettings(db, tenant);
  return { valuePlaces: requirePlaces(value, currency, 'value') };
}

function verbOf(stage: Deal['stage']): string {
  return isClosed(stage) ? stage : 'moved';
}
