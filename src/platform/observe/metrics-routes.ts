/** `GET /metrics`: the figures of the whole service in the text format of Prometheus, for operators. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { awaitedLater } from '../awaited-later.ts';
import { GROUPS, readCounters } from '../counters/index.ts';
import { type AppEnv, createRouter, type Scope } from '../http/index.ts';
import { FOR_OPERATORS, operatorsOnly, view } from '../rest/index.ts';
import { PROMETHEUS, prometheusText } from './prometheus.ts';

/**
 * How long an isolate answers with the same text, in ms. Callers are not verified when the reading starts, so this also
 * bounds the readings that callers with false keys cause.
 */
const FRESH_MS = 10_000;

/** Creates the route. Costs 1 request to Redis: the gate's request also has 1 command for each group of metrics. */
export function metricsRoutes(): OpenAPIHono<AppEnv> {
  const router = createRouter();
  let known: { text: string; readAt: number } | undefined;
  const started = new WeakMap<Scope, Promise<string>>();

  const fresh = (scope: Scope) => (known && scope.system.now() - known.readAt < FRESH_MS ? known.text : undefined);

  async function read(scope: Scope): Promise<string> {
    const readAt = scope.system.now();
    const readings = await Promise.all(GROUPS.map((group) => readCounters(scope, { group, window: 'total' })));
    known = { text: prometheusText(readings), readAt };
    return known.text;
  }

  view(router, {
    id: 'metrics.get',
    path: '/metrics',
    tag: 'Metrics',
    summary: 'Get the metrics of the service for Prometheus',
    cost: { miss: { requests: 1, commands: 18, statements: 0 } },
    description: `Sums since the first request ever; an isolate adds its counts every few seconds. ${FOR_OPERATORS}`,
    access: 'metrics:read',
    mediaType: 'text/plain',
    answer: z.string(),
    effect: 'Text in the exposition format 0.0.4',
    prefetch(_cache, _day, { var: { scope } }) {
      if (fresh(scope) === undefined) started.set(scope, awaitedLater(read(scope)));
    },
    async load(_input, services) {
      operatorsOnly(services);
      const { scope } = services;
      const text = fresh(scope) ?? (await (started.get(scope) ?? read(scope)));
      return new Response(text, { headers: { 'content-type': PROMETHEUS, 'cache-control': 'private, max-age=10' } });
    },
  });
  return router;
}
