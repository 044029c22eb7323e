/** The stage history of a deal: a projection of its events. */
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { projection } from '../../platform/streams/index.ts';
import { idArgs } from '../arguments.ts';
import { dealTags, historyTags } from '../tags.ts';
import { dealEvents } from './events.ts';
import type { DealHistory, Stage } from './schema.ts';

/** Keeps a row for each stage that a deal has entered. The history of a deleted deal is deleted. */
export const stageHistory = projection(dealEvents, 'stage-history', {
  async apply(tx, { key: dealId, version, type, data, at, meta }, generation) {
    const place = { tenantId: tx.tenant, generation, dealId };
    if (type === 'changed') return;
    tx.invalidate(historyTags.of(dealId));
    if (type === 'deleted') {
      await tx.db.dealMove.deleteMany({ where: place });
      return;
    }
    const { from, stage } = stepOf(type, data);
    // A deal that is created as won or lost has two events, `created` and `won` or `lost`. The history shows both
    // events as one step.
    if (type !== 'created' && from === null) return;
    const actorId = typeof meta['actorId'] === 'string' ? meta['actorId'] : null;
    const row = { ...place, version, fromStage: from, stage, value: data.value, actorId, movedAt: new Date(at) };
    await tx.db.dealMove.create({ data: row });
  },
  async clear(tx, generation) {
    await tx.db.dealMove.deleteMany({ where: { tenantId: tx.tenant, generation: { lt: generation } } });
  },
  tags: [historyTags.all],
});

type Step =
  | { type: 'created'; data: { stage: Stage } }
  | { type: 'moved'; data: { from: Stage; to: Stage } }
  | { type: 'won' | 'lost'; data: { from: Stage | null } };

function stepOf(type: Step['type'], data: Step['data']): { from: Stage | null; stage: Stage } {
  const step = { type, data } as Step;
  if (step.type === 'created') return { from: null, stage: step.data.stage };
  if (step.type === 'moved') return { from: step.data.from, stage: step.data.to };
  return { from: step.data.from, stage: step.type };
}

/** The maximum number of steps that a history shows. */
const MOST_STEPS = 500;

/** The stages of a deal, the latest first; `null` for a deal that does not exist. */
export const dealHistory = query('deal-history', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  tags: ({ id }: { id: string }) => [dealTags.one(id), historyTags.of(id), historyTags.all],
  load: async ({ id }, { tenant, db }: DataContext): Promise<DealHistory | null> => {
    const client = await db();
    const deal = await client.deal.findUnique({
      where: { tenantId_id: { tenantId: tenant, id } },
      select: { valuePlaces: true },
    });
    if (!deal) return null;
    const steps = await client.$queryRaw<Omit<DealHistory['items'][number], 'at'>[]>`
      SELECT stage, from_stage AS "from", round(value, ${deal.valuePlaces}::int)::text AS value, actor_id AS "actorId", moved_at AS "movedAt"
      FROM deal_moves
      WHERE tenant_id = ${tenant} AND deal_id = ${id} AND generation = coalesce((
        SELECT generation FROM stream_groups
        WHERE tenant_id = ${tenant} AND stream = ${dealEvents.name} AND name = ${stageHistory.name}), 1)
      ORDER BY version DESC LIMIT ${MOST_STEPS}`;
    return { items: steps.map(toStep) };
  },
});

function toStep(row: object): DealHistory['items'][number] {
  const { movedAt, ...step } = row as Omit<DealHistory['items'][number], 'at'> & { movedAt: Date };
  return { ...step, at: movedAt.toISOString() };
}
