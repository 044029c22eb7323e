/**
 * `/cache`: statistics and entries of the cache, for administrators' API keys. No route shows the value of an entry.
 */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  hitRatio,
  type Inspection,
  type Query,
  type QueryArgs,
  readSharedStatistics,
  type StandardSchema,
} from '../cache/index.ts';
import {
  type AppEnv,
  createRouter,
  type DataContext,
  invalidField,
  invalidFields,
  notFound,
  type Scope,
  type TenantScope,
  textSchema,
} from '../http/index.ts';
import { type Tag, tag } from '../redis/index.ts';
import { command, type Services, view } from '../rest/index.ts';
import { invalidateTags, removeEntries } from './invalidate.ts';

const all = { tag: 'Cache', access: 'cache:admin' } as const;

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
    oversized: z.number(),
    stored: z.number().openapi({ description: 'The length of the stored entries.' }),
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

const entrySearchSchema = z.strictObject({
  args: z
    .string()
    .max(2000)
    .default('{}')
    .openapi({ description: 'All arguments of the query, as JSON.', example: '{"id":"deal_01J…"}' }),
});

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
    pattern: textSchema(200).optional().openapi({ example: 'deal-page:*' }),
  })
  .refine(
    ({ tags: named, pattern }) => (named === undefined) !== (pattern === undefined),
    'needs either tags or a pattern',
  )
  .openapi('CacheInvalidation');

/** The queries of an app, by name. */
type Queries = ReadonlyMap<string, Query<QueryArgs, unknown, DataContext>>;

/** Creates the routes. `queries` contains the queries that can be inspected, by name. */
export function cacheRoutes(queries: Queries): OpenAPIHono<AppEnv> {
  const router = createRouter();

  view(router, {
    ...all,
    id: 'cache.getStatistics',
    path: '/cache/stats',
    summary: 'Get the cache’s statistics',
    cost: { requests: 2, commands: 4, statements: 0 },
    description: 'Of this isolate since its start, and of all isolates today.',
    answer: statisticsSchema,
    effect: 'Counters, in total and by query',
    load: (_input, { scope }) => readStatistics(scope),
  });

  view(router, {
    ...all,
    id: 'cache.getEntry',
    path: '/cache/entries/{query}',
    summary: 'Get a cache entry’s age, freshness, tags and size',
    cost: { requests: 2, commands: 5, statements: 0 },
    params: z.object({ query: z.string().max(100) }),
    search: entrySearchSchema,
    answer: inspectionSchema,
    effect: 'The entry',
    missing: 'entry',
    load: ({ query, args }, { tenant }) => inspectByArguments(tenant.cache, queries, query, args),
  });

  command(router, {
    ...all,
    id: 'cache.invalidate',
    path: '/cache/invalidate',
    summary: 'Invalidate cached values of the tenant by tags or by a pattern of keys',
    cost: { requests: 2, commands: 4, statements: 1 },
    harmlessTwice: true,
    body: invalidationSchema,
    answer: z.object({ entries: z.number().nullable() }),
    effect: 'The number of removed entries; null for tags',
    run: async ({ body }, services) => ({ entries: await invalidate(services, body) }),
  });

  return router;
}

/**
 * Describes the entry of a query and its arguments, without its value; `null` if no entry is stored. 1 request, 2
 * commands.
 * @param args all arguments of the query, as JSON.
 * @throws {ProblemError} 404 if the query does not exist, 400 if an argument is wrong.
 */
export async function inspectByArguments(
  cache: TenantScope['cache'],
  queries: Queries,
  name: string,
  args: string,
): Promise<Inspection | null> {
  const query = queries.get(name);
  if (!query?.args) throw notFound('query');
  return cache.inspect(query, await readArgs(query.args, args));
}

async function readStatistics(scope: Scope): Promise<z.input<typeof statisticsSchema>> {
  const { statistics: own } = scope;
  const today = await readSharedStatistics(scope);
  const byQuery = (counters: ReadonlyMap<string, typeof own.total>) =>
    Object.fromEntries([...counters].map(([name, counts]) => [name, withRatio(counts)]));
  return {
    isolate: { total: withRatio(own.total), byQuery: byQuery(own.byQuery) },
    today: { byQuery: byQuery(today) },
  };
}

/** Invalidates tags, or removes the entries of a pattern. Returns the number of removed entries; `null` for tags. */
async function invalidate(
  services: Services,
  { tags: parts = [], soft, pattern }: z.output<typeof invalidationSchema>,
): Promise<number | null> {
  if (pattern !== undefined) return removeEntries(services, pattern);
  const tags = parts.map(([first = '', ...rest]): Tag => tag(first, ...rest));
  await invalidateTags(services, tags, { soft });
  return null;
}

function withRatio<Counters extends Parameters<typeof hitRatio>[0]>(counters: Counters) {
  return { ...counters, hitRatio: Math.round(hitRatio(counters) * 10_000) / 10_000 };
}

/**
 * Reads the arguments of a query and checks them with the query's schema.
 * @throws {ProblemError} 400 if an argument is wrong; the problem names each wrong argument.
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
