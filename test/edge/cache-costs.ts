/**
 * A Worker that runs one operation of the cache inside workerd and answers with its cost. Only `cache-costs.test.ts`
 * bundles this Worker; it is never deployed.
 */
import { query } from '../../src/platform/cache/index.ts';
import { tag } from '../../src/platform/redis/index.ts';
import { createIsolate, type TestScope } from '../support/isolate.ts';

interface Bindings {
  REST_URL: string;
  REST_TOKEN: string;
}

const tagNames = (count: number) => Array.from({ length: count }, (_, index) => tag('thing', String(index)));
const tagged = (count: number) =>
  query(`tagged-${count}`, { ttl: '5m', tags: () => tagNames(count), load: async () => ({ count }) });

type Id = { id: number };
const ids: Id[] = Array.from({ length: 100 }, (_, id) => ({ id }));
let loaderCalls = 0;
const batch = query('batch', {
  ttl: '5m',
  tags: ({ id }: Id) => [tag('all'), tag('item', String(id))],
  loadMany: async (all: readonly Id[]) => {
    loaderCalls += 1;
    return all.map(({ id }) => id);
  },
});

const aged = query('aged', { ttl: '1m', stale: '1h', load: async () => 'value' });

const operations: Record<string, (scope: TestScope, count: number) => Promise<unknown>> = {
  read: ({ cache }, count) => cache.read(tagged(count), {}),
  invalidate: ({ cache }, count) => cache.invalidate(...tagNames(count)),
  forget: ({ cache }, count) => cache.forget(tagged(count), {}),
  readMany: ({ cache }) => cache.readMany(batch, ids),
  readAged: ({ cache }) => cache.read(aged, {}),
};

export default {
  async fetch(request: Request, { REST_URL, REST_TOKEN }: Bindings): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const parameter = (name: string) => searchParams.get(name) ?? '';
    const system = { now: () => Date.now() + Number(parameter('later')) };
    const scope = createIsolate({ rest: { url: REST_URL, token: REST_TOKEN }, system }).scope(parameter('tenant'));
    loaderCalls = 0;
    await operations[parameter('operation')]?.(scope, Number(parameter('count')));
    const { requests, commands } = scope.meter;
    const answer = { cost: `${requests}/${commands}`, outcomes: [...new Set(scope.outcomes)], loaderCalls };
    await scope.settled();
    return Response.json(answer);
  },
};
