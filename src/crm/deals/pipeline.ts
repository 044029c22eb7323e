/** The pipeline: count and value of the deals in each stage, for the tenant, a company or an owner. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { sumOf } from '../tenant/money.ts';
import { loadSettings } from '../tenant/settings.ts';
import { type Pipeline, stages } from './schema.ts';

/** Counts and sums deals by stage, always with two statements. */
export async function loadPipeline(
  client: PrismaClient,
  tenant: string,
  of: { companyId?: string; ownerId?: string } = {},
): Promise<Pipeline> {
  const [{ currency, places }, groups] = await Promise.all([
    loadSettings(client, tenant),
    client.deal.groupBy({ by: ['stage'], where: { tenantId: tenant, ...of }, _count: true, _sum: { value: true } }),
  ]);
  const ofStage = new Map(groups.map((group) => [group.stage, group]));
  const total = sumOf(
    groups.map(({ _sum }) => _sum.value),
    places,
  );
  return {
    currency,
    stages: stages.map((stage) => ({
      stage,
      count: ofStage.get(stage)?._count ?? 0,
      value: sumOf([ofStage.get(stage)?._sum.value ?? null], places),
    })),
    total: { count: groups.reduce((all, { _count }) => all + _count, 0), value: total },
  };
}
