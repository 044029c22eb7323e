/** The pipeline: count and value of the deals in each stage, for the tenant, a company or an owner. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { loadSettings } from '../tenant/settings.ts';
import { type Pipeline, stages } from './schema.ts';

/** Counts and sums deals by stage, always with two statements. */
export async function loadPipeline(
  client: PrismaClient,
  tenant: string,
  of: { companyId?: string; ownerId?: string } = {},
): Promise<Pipeline> {
  const [{ currency }, groups] = await Promise.all([
    loadSettings(client, tenant),
    client.deal.groupBy({ by: ['stage'], where: { tenantId: tenant, ...of }, _count: true, _sum: { value: true } }),
  ]);
  const ofStage = new Map(groups.map((group) => [group.stage, group]));
  const sum = groups.reduce((total, { _sum }) => total + cents(_sum.value), 0n);
  return {
    currency,
    stages: stages.map((stage) => ({
      stage,
      count: ofStage.get(stage)?._count ?? 0,
      value: money(cents(ofStage.get(stage)?._sum.value ?? null)),
    })),
    total: { count: groups.reduce((total, { _count }) => total + _count, 0), value: money(sum) },
  };
}

/**
 * Returns an amount in whole cents. So sums are exact, and the Worker needs no decimal library to read a cached value.
 */
function cents(value: { toFixed(places: number): string } | null): bigint {
  return value === null ? 0n : BigInt(value.toFixed(2).replace('.', ''));
}

function money(amount: bigint): string {
  const digits = amount.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
