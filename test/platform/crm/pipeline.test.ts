/** The promise of the front page: a cached, authenticated answer costs one Redis request, never older than a write. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { COST_OF_A_HIT, costOf, createTestApp } from '../../support/app.ts';
import { createTenant } from '../../support/tenant.ts';

let one: ReturnType<typeof createTestApp>;
let two: ReturnType<typeof createTestApp>;
beforeAll(async () => {
  const { keys } = await createTenant(inject('cloud').postgres.url);
  one = createTestApp({ key: keys.all });
  two = createTestApp({ key: keys.all });
  for (const stage of ['lead', 'won', 'lost']) {
    await one.request('/deals', { method: 'POST', json: { title: 'Kelp', value: '0.10', stage } });
  }
});
afterAll(() => Promise.all([one.close(), two.close()]));

interface Pipeline {
  total: { count: number; value: string };
  stages: { stage: string; count: number; value: string }[];
}

describe('GET /deals/pipeline', () => {
  test('a hit costs 1 Redis request and no database query, on every instance', async () => {
    await one.request('/deals/pipeline');
    for (const instance of [one, two]) {
      const response = await instance.request('/deals/pipeline');
      expect(response.status).toBe(200);
      expect(response.headers.get('x-cache')).toBe('HIT');
      expect(costOf(response)).toEqual(COST_OF_A_HIT);
    }
  });

  test('after a POST /deals the next read is a MISS with the new numbers, on both of two instances', async () => {
    const before = (await (await one.request('/deals/pipeline')).json()) as Pipeline;
    await two.request('/deals/pipeline');

    for (const [writer, reader] of [
      [one, two],
      [two, one],
    ] as const) {
      const created = await writer.request('/deals', { method: 'POST', json: { title: 'Kelp', value: '1000.50' } });
      expect(created.status).toBe(201);
      const first = await reader.request('/deals/pipeline');
      expect(first.headers.get('x-cache')).toBe('MISS');
      const again = await writer.request('/deals/pipeline');
      expect(again.headers.get('x-cache')).toBe('HIT');
      expect(await again.json()).toEqual(await first.json());
    }

    const after = (await (await one.request('/deals/pipeline')).json()) as Pipeline;
    expect(after.total.count).toBe(before.total.count + 2);
    expect(Number(after.total.value) - Number(before.total.value)).toBeCloseTo(2001, 2);
    const leads = (pipeline: Pipeline) => pipeline.stages.find(({ stage }) => stage === 'lead');
    expect(leads(after)?.count).toBe((leads(before)?.count ?? 0) + 2);
  });

  test('the stages add up to the total, exactly', async () => {
    const { stages, total } = (await (await one.request('/deals/pipeline')).json()) as Pipeline;
    const cents = (value: string) => BigInt(value.replace('.', ''));
    expect(stages.reduce((sum, { count }) => sum + count, 0)).toBe(total.count);
    expect(stages.reduce((sum, { value }) => sum + cents(value), 0n)).toBe(cents(total.value));
    expect(total.count).toBeGreaterThan(0);
  });

  test('a write costs two Redis requests more than the key’s lookup', async () => {
    await one.request('/deals/pipeline');
    const created = await one.request('/deals', { method: 'POST', json: { title: 'Cost', value: 1 } });
    expect(costOf(created)['redis']).toBe('3 requests, 5 commands');
  });
});
