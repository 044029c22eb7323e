/** The events of deals: each stage that a deal has entered since it was created, in the order of time. */
import type { Prisma } from '#prisma';
import type { DealRow } from './sales.ts';
import type { World } from './world.ts';

export type EventRow = Prisma.EventCreateManyInput;

/** The stages in which a deal is open, in the order of a sale. */
const open = ['lead', 'qualified', 'proposal', 'negotiation'] as const;

/** A stage and the time at which the deal entered it. */
interface Step {
  stage: string;
  at: Date;
}

/** Makes the events of the deals. A deal's last event has the deal's stage and, if it is closed, the time of closing. */
export function makeDealEvents(world: World, deals: readonly DealRow[]): EventRow[] {
  return deals
    .flatMap((deal) => eventsOf(world, deal, stepsOf(world, deal)))
    .sort(
      (a, b) => asDate(a.at).getTime() - asDate(b.at).getTime() || (a.key < b.key ? -1 : 1) || a.version - b.version,
    );
}

function stepsOf({ faker }: World, { stage = 'lead', createdAt, updatedAt, closedAt }: DealRow): Step[] {
  const isOpen = closedAt == null;
  // A deal is lost in any of the stages, and won after all of them.
  const most = isOpen ? (open as readonly string[]).indexOf(stage) : open.length - 1;
  const last = stage === 'lost' ? faker.number.int({ min: 0, max: most }) : most;
  const stages = [...open.slice(0, last + 1), ...(isOpen ? [] : [stage])];
  const from = asDate(createdAt).getTime();
  const to = asDate(closedAt ?? updatedAt).getTime();
  return stages.map((each, index) => ({
    stage: each,
    at: new Date(from + Math.floor(((to - from) * index) / Math.max(1, stages.length - 1))),
  }));
}

function eventsOf({ id, tenantId }: World, deal: DealRow, steps: readonly Step[]): EventRow[] {
  const value = Number(deal.value).toFixed(2);
  const createdAt = asDate(deal.createdAt).toISOString();
  return steps.map(({ stage, at }, index) => {
    const from = steps[index - 1]?.stage;
    const isOpen = stage !== 'won' && stage !== 'lost';
    const [type, data] =
      from === undefined
        ? ['created', { stage, value }]
        : isOpen
          ? ['moved', { from, to: stage, value }]
          : [stage, { from, value, createdAt }];
    const meta = deal.ownerId == null ? {} : { actorId: deal.ownerId };
    const place = { tenantId, stream: 'deals', key: deal.id, version: index + 1, id: id('event', at) };
    return { ...place, type, schemaVersion: 1, data, meta, at };
  });
}

function asDate(value: Date | string | undefined): Date {
  return new Date(value ?? 0);
}
