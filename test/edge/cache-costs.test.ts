/** The cost table of the cache inside workerd; `test/platform/cache/costs.test.ts` checks the same in Node. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { newTenant } from '../support/isolate.ts';

let miniflare: Miniflare;
beforeAll(async () => {
  const { url, token } = inject('cloud').redisRest;
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'cache-costs.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd', 'worker'],
    external: ['node:*', 'cloudflare:*', '#database'],
  });
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0]?.text ?? '' }],
      compatibilityDate: '2026-11-17',
      compatibilityFlags: ['nodejs_compat'],
      bindings: { REST_URL: url, REST_TOKEN: token },
      cf: false,
    }),
  );
  await miniflare.ready;
});
afterAll(() => miniflare?.dispose());

interface Answer {
  cost: string;
  outcomes: string[];
  loaderCalls: number;
}

async function run(tenant: string, operation: string, more: Record<string, string | number> = {}): Promise<Answer> {
  const search = new URLSearchParams({
    tenant,
    operation,
    ...Object.fromEntries(Object.entries(more).map(([k, v]) => [k, String(v)])),
  });
  const response = await miniflare.dispatchFetch(`http://worker.test/?${search}`);
  return (await response.json()) as Answer;
}

describe('requests/commands in workerd', () => {
  test.each([0, 1, 3, 10])('miss with %i tags 3/3, then hit 1/1, then invalidated and a miss again', async (count) => {
    const tenant = newTenant();
    expect(await run(tenant, 'read', { count })).toMatchObject({ cost: '3/3', outcomes: ['MISS'] });
    expect(await run(tenant, 'read', { count })).toMatchObject({ cost: '1/1', outcomes: ['HIT'] });
    if (count === 0) return;
    expect(await run(tenant, 'invalidate', { count })).toMatchObject({ cost: '1/1' });
    expect(await run(tenant, 'read', { count })).toMatchObject({ cost: '3/3', outcomes: ['MISS'] });
  });

  test('forget 1/1', async () => {
    expect(await run(newTenant(), 'forget', { count: 1 })).toMatchObject({ cost: '1/1' });
  });

  test('a batch of 100 misses: one loader call and 3/3; of 100 hits: 1/1', async () => {
    const tenant = newTenant();
    expect(await run(tenant, 'readMany')).toEqual({ cost: '3/3', outcomes: ['MISS'], loaderCalls: 1 });
    expect(await run(tenant, 'readMany')).toEqual({ cost: '1/1', outcomes: ['HIT'], loaderCalls: 0 });
  });

  test('a stale hit 1/1 before the answer', async () => {
    const tenant = newTenant();
    await run(tenant, 'readAged');
    expect(await run(tenant, 'readAged', { later: 90_000 })).toMatchObject({ cost: '1/1', outcomes: ['STALE'] });
    expect(await run(tenant, 'readAged', { later: 90_000 })).toMatchObject({ cost: '1/1', outcomes: ['HIT'] });
  });
});
