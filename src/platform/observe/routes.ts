/**
 * `/health`: routes for load balancers, deployments and people. Callers need no credentials, and no answer shows data
 * of tenants.
 */
import { z } from '@hono/zod-openapi';
import { createRouter, json } from '../http/index.ts';
import { publicView } from '../rest/index.ts';
import { readiness } from './health.ts';

const readinessSchema = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    stats: z.object({
      hits: z.number().int(),
      misses: z.number().int(),
      sets: z.number().int(),
      deletes: z.number().int(),
      errors: z.number().int(),
    }),
    hitRatio: z.number(),
    redis: z
      .object({
        status: z.enum(['ok', 'down']),
        eviction: z.enum(['off', 'on', 'unknown']).openapi({
          description: 'Whether Redis evicts keys when it is full (it must not); `unknown` if Redis does not say.',
        }),
      })
      .catchall(z.union([z.string(), z.number(), z.null()])),
    database: z.object({ status: z.enum(['ok', 'down']) }),
  })
  .openapi('Readiness');

export const healthRoutes = createRouter();

publicView(healthRoutes, {
  id: 'health.check',
  path: '/health',
  tag: 'Health',
  summary: 'Check that the process answers',
  answer: z.object({ status: z.literal('ok') }),
  effect: 'The process is alive',
  load: () => ({ status: 'ok' as const }),
});

publicView(healthRoutes, {
  id: 'health.checkReadiness',
  path: '/health/ready',
  tag: 'Health',
  summary: 'Check Redis, PostgreSQL and the cache of this isolate',
  // Of a Redis whose INFO has the eviction policy. Without it, each call costs 2 commands more, and an isolate's first call
  // up to 2 requests and 3 commands more.
  cost: { requests: 1, commands: 2, statements: 1 },
  answer: readinessSchema,
  effect: 'Ready; if `degraded`, without the cache',
  otherAnswers: { 503: json(readinessSchema, 'Not ready: the database does not answer') },
  async load(_input, { scope }, _day, c) {
    const state = await readiness(scope, scope.statistics);
    return state.status === 'down' ? c.json(state, 503) : state;
  },
});
