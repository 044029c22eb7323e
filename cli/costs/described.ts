/** The costs of the operations, as the OpenAPI document has them. */
import { alerts, jobs, schedules } from '../../src/app/background.ts';
import { addOperations } from '../../src/app/operations.ts';
import { createRouter, describe } from '../../src/platform/http/index.ts';
import { createRefusals } from '../../src/platform/jobs/index.ts';
import type { CachedCost, Cost } from '../../src/platform/rest/index.ts';

interface Document {
  paths: Record<string, Record<string, { operationId: string; 'x-cost': Cost | CachedCost }>>;
}

/** Returns the cost of each operation by its id, in the order of the document. */
export function describedCosts(): Map<string, Cost | CachedCost> {
  const app = createRouter();
  addOperations(app, { jobs, schedules, alerts, refusals: createRefusals() });
  const { paths } = JSON.parse(describe(app, { title: '', description: '', tags: {} })) as Document;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  return new Map(operations.map(({ operationId, 'x-cost': cost }) => [operationId, cost]));
}
