/** `/health`: for load balancers, deployments and people. Needs no credentials and tells nothing about tenants. */
import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, json, unguarded } from '../http/index.ts';
import { readiness } from './health.ts';

const tags = ['Health'];

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

export const healthRoutes = createRouter()
  .openapi(
    createRoute(
      unguarded({
        operationId: 'health.check',
        method: 'get',
        path: '/health',
        tags,
        summary: 'Check that the process answers',
        responses: { 200: json(z.object({ status: z.literal('ok') }), 'The process is alive') },
      }),
    ),
    (c) => c.json({ status: 'ok' as const }, 200),
  )
  .openapi(
    createRoute(
      unguarded({
        operationId: 'health.checkReadiness',
        method: 'get',
        path: '/health/ready',
        tags,
        summary: 'Check Redis, PostgreSQL and the cache of this isolate',
        responses: {
          200: json(readinessSchema, 'Ready; if `degraded`, without the cache'),
          503: json(readinessSchema, 'Not ready: the database does not answer'),
        },
      }),
    ),
    async (c) => {
      const state = await readiness(c.var.scope, c.var.scope.statistics);
      return c.json(state, state.status === 'down' ? 503 : 200);
    },
  );
