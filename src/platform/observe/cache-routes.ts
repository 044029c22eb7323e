/** `/cache`: statistics and entries of the cache, for administrators' API keys. Values themselves are never shown. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { hitRatio, type Query, type QueryArgs, readSharedStatistics, type StandardSchema } from '../cache/index.ts';
import {
  type AppEnv,
  createRouter,
  type DataContext,
  guarded,
  invalidField,
  invalidFields,
  json,
  jsonBody,
  notFound,
  problems,
} from '../http/index.ts';
import { type Tag, tag } from '../redis/index.ts';

const tags = ['Cache'];
const access = 'cache:admin';

const countersSchema = z
  .object({
    hits: z.number(),
    misses: z.number(),
    stale: z.number(),
    bypasses: z.number(),
    loads: z.number(),
    loadMs: z.number(),
    sets: z.number(),
    deletes: z.number(),
    errors: z.number(),
    bytes: z.number(),
    hitRatio: z.number(),
  })
  .openapi('CacheCounters');

const statisticsSchema = z
  .object({
    isolate: z.object({ total: countersSchema, byQuery: z.record(z.string(), countersSchema) }),
    today: z.object({ byQuery: z.record(z.string(), countersSchema) }),
  })
  .openapi('CacheStatistics');

const inspectionSchema = z
  .object({
    key: z.string(),
    state: z.enum(['fresh', 'stale', 'expired', 'invalidated', 'changing', 'unreadable']),
    ageMs: z.number().nullable(),
    freshForMs: z.number().nullable(),
    endsInMs: z.number(),
    loadMs: z.number().nullable(),
    bytes: z.number(),
    encoding: z.string().nullable(),
    tags: z.array(z.object({ key: z.string(), current: z.boolean() })),
  })
  .openapi('CacheEntry');

const invalidationSchema = z
  .strictObject({
    tags: z
      .array(z.array(z.string().min(1).max(100)).min(1).max(5))
      .min(1)
      .max(100)
      .optional()
      .openapi({
        description: 'The tags, each as a list of its parts.',
        example: [['deals'], ['company', 'company_01J…', 'deals']],
      }),
    soft: z.boolean().default(false).openapi({ description: 'Serve the old value while it is refreshed.' }),
    pattern: z.string().min(1).max(200).optional().openapi({ example: 'deal-page:*' }),
  })
  .refine(
    ({ tags: named, pattern }) => (named === undefined) !== (pattern === undefined),
    'needs either tags or a pattern',
  )
  .openapi('CacheInvalidation');

/** The routes, over the queries that can be inspected by name. */
export function cacheRoutes(queries: ReadonlyMap<string, Query<QueryArgs, unknown, DataContext>>): OpenAPIHono<AppEnv> {
  const router = createRouter();

  const statistics = createRoute(
    guarded(
      { access },
      {
        operationId: 'cache.getStatistics',
        method: 'get',
        path: '/cache/stats',
        tags,
        summary: 'Get the cache’s statistics',
        description: 'Of this isolate since its start, and of all isolates today.',
        responses: { 200: json(statisticsSchema, 'Counters, in total and by query') },
      },
    ),
  );
  router.openapi(statistics, async (c) => {
    const { statistics: own, redis, system } = c.var.scope;
    const today = await readSharedStatistics(redis, system.now());
    const byQuery = (counters: ReadonlyMap<string, typeof own.total>) =>
      Object.fromEntries([...counters].map(([name, each]) => [name, withRatio(each)]));
    return c.json(
      {
        isolate: { total: withRatio(own.total), byQuery: byQuery(own.byQuery) },
        today: { byQuery: byQuery(today) },
      },
      200,
    );
  });

  const entry = createRoute(
    guarded(
      { access },
      {
        operationId: 'cache.getEntry',
        method: 'get',
        path: '/cache/entries/{query}',
        tags,
        summary: 'Get a cache entry’s age, freshness, tags and size',
        request: {
          params: z.object({ query: z.string().max(100) }),
          query: z.strictObject({
            args: z
              .string()
              .max(2000)
              .default('{}')
              .openapi({ description: 'All arguments of the query, as JSON.', example: '{"id":"deal_01J…"}' }),
          }),
        },
        responses: { 200: json(inspectionSchema, 'The entry'), ...problems(400, 404) },
      },
    ),
  );
  router.openapi(entry, async (c) => {
    const query = queries.get(c.req.valid('param').query);
    if (!query?.args) throw notFound('query');
    const args = await readArgs(query.args, c.req.valid('query').args);
    const inspection = await c.var.tenant.cache.inspect(query, args);
    if (!inspection) throw notFound('entry');
    return c.json(inspection, 200);
  });

  const invalidate = createRoute(
    guarded(
      { access, harmlessTwice: true },
      {
        operationId: 'cache.invalidate',
        method: 'post',
        path: '/cache/invalidate',
        tags,
        summary: 'Invalidate cached values of the tenant by tags or by a pattern of keys',
        request: { body: jsonBody(invalidationSchema) },
        responses: {
          200: json(z.object({ entries: z.number().nullable() }), 'The number of removed entries; null for tags'),
          ...problems(400, 415),
        },
      },
    ),
  );
  router.openapi(invalidate, async (c) => {
    const { cache } = c.var.tenant;
    const { tags: named, soft, pattern } = c.req.valid('json');
    if (pattern !== undefined) return c.json({ entries: await cache.forgetMatching(pattern) }, 200);
    const given = (named ?? []).map(([first = '', ...rest]): Tag => tag(first, ...rest));
    await (soft ? cache.invalidateSoftly(...given) : cache.invalidate(...given));
    return c.json({ entries: null }, 200);
  });

  return router;
}

function withRatio<Counters extends Parameters<typeof hitRatio>[0]>(counters: Counters) {
  return { ...counters, hitRatio: Math.round(hitRatio(counters) * 10_000) / 10_000 };
}

/**
 * The arguments, as the query declares them.
 * @throws {ProblemError} 400 that names each wrong one.
 */
async function readArgs(schema: StandardSchema<QueryArgs>, text: string): Promise<QueryArgs> {
  const checked = await schema['~standard'].validate(parse(text));
  if (!checked.issues) return checked.value;
  const fields = checked.issues.map(({ path = [], message }) => {
    const names = path.map((part) => String(typeof part === 'object' ? part.key : part));
    return { field: ['args', ...names].join('.'), message };
  });
  throw invalidFields(fields);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidField('args', 'must be JSON');
  }
}
