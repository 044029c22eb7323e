/** The pipeline: count and value of the deals in each stage, for the tenant, a company or an owner. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { readNumbers } from '../../platform/numbers/index.ts';
import { type Amount, amountOf, sumOf } from '../../platform/rest/index.ts';
import { dealNumbers } from '../numbers.ts';
import { loadSettings } from '../tenant/settings.ts';
import { type Pipeline, stages } from './schema.ts';

/** The deals of a pipeline: all of the tenant, or those of a company or of an owner. */
type PipelineOf = { companyId?: never; ownerId?: string } | { companyId: string; ownerId?: never };

/** The count and the value of the deals in a stage. */
interface StageSum {
  count: number;
  value: Amount | null;
}

/**
 * Counts and sums deals by stage. Two statements. The pipeline of a company is counted from its deals; the others are
 * read from the maintained numbers, with a third statement while these are not complete.
 */
export async function loadPipeline(client: PrismaClient, tenant: string, of: PipelineOf = {}): Promise<Pipeline> {
  const [{ currency, places }, ofStage] = await Promise.all([
    loadSettings(client, tenant),
    of.companyId === undefined ? readStages(client, tenant, of.ownerId) : countStages(client, tenant, of),
  ]);
  const sums = [...ofStage.values()];
  return {
    currency,
    stages: stages.map((stage) => {
      const { count, value } = ofStage.get(stage) ?? { count: 0, value: null };
      return { stage, count, value: sumOf([value], places) };
    }),
    total: {
      count: sums.reduce((all, { count }) => all + count, 0),
      value: sumOf(
        sums.map(({ value }) => value),
        places,
      ),
    },
  };
}

/** The decimal places of the column with the value of a deal. */
const PLACES = 4;

async function readStages(client: PrismaClient, tenant: string, ownerId?: string): Promise<Map<string, StageSum>> {
  const [range, part] = ownerId === undefined ? [dealNumbers.at('stage'), 1] : [dealNumbers.at('owner', ownerId), 2];
  const read = await readNumbers(client, tenant, PLACES, { groups: { stages: { range, part } } });
  if (!read) return countStages(client, tenant, ownerId === undefined ? {} : { ownerId });
  return new Map([...read.groups.stages].map(([stage, { count, sum }]) => [stage, { count, value: amountOf(sum) }]));
}

async function countStages(client: PrismaClient, tenant: string, of: PipelineOf): Promise<Map<string, StageSum>> {
  const where = { tenantId: tenant, ...of };
  const groups = await client.deal.groupBy({ by: ['stage'], where, _count: true, _sum: { value: true } });
  return new Map(groups.map(({ stage, _count, _sum }) => [stage, { count: _count, value: _sum.value }]));
}
