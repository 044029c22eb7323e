/** ETags: answers that are read again for a 304, and writes of exactly the row that was read. */
import { describe, expect, test } from 'vitest';
import type { HoldfastError } from '../../../clients/typescript/src/index.ts';
import { json, problem, stage } from './stage.ts';

const DEAL = { id: 'deal_1', title: 'Nets' };
const tagged = (etag: string, deal: object = DEAL) => json(200, deal, { etag });
const same = () => new Response(null, { status: 304 });

describe('a second read', () => {
  test('sends the ETag, and a 304 gives a new copy of the first answer', async () => {
    const { api, sent } = stage([tagged('"1"'), same(), tagged('"2"', { id: 'deal_1', title: 'Buoys' }), same()]);
    const first = await api.deals.get({ id: 'deal_1' });
    const second = await api.deals.get({ id: 'deal_1' });
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
    expect((await api.deals.get({ id: 'deal_1' })).title).toBe('Buoys');
    expect((await api.deals.get({ id: 'deal_1' })).title).toBe('Buoys');
    expect(sent.map(({ headers }) => headers.get('if-none-match'))).toEqual([null, '"1"', '"1"', '"2"']);
  });

  test('of another address sends none', async () => {
    const { api, sent } = stage([tagged('"1"'), tagged('"1"')]);
    await api.deals.get({ id: 'deal_1' });
    await api.deals.get({ id: 'deal_2' });
    expect(sent[1]?.headers.get('if-none-match')).toBeNull();
  });

  test('finds only the newest answers, and none after a change of the user', async () => {
    const answers = Array.from({ length: 6 }, () => tagged('"1"'));
    const { api, sent } = stage([...answers.slice(0, 4), json(204, undefined), tagged('"1"')], { remembered: 2 });
    for (const id of ['deal_1', 'deal_2', 'deal_3', 'deal_1']) await api.deals.get({ id });
    await api.sessions.signOut().catch(() => {});
    await api.deals.get({ id: 'deal_1' });
    expect(sent.map(({ headers }) => headers.get('if-none-match'))).toEqual(Array(6).fill(null));
  });
});

describe('a conditional write', () => {
  test('names the row that was read, created or updated', async () => {
    const { api, sent } = stage([json(201, DEAL, { etag: '"1"' }), tagged('"2"'), tagged('"3"')]);
    const created = await api.deals.create({ body: { title: 'Nets', value: '5.00' } });
    const updated = await api.deals.update({ id: 'deal_1', body: { title: 'x' } }, { ifMatch: created });
    await api.deals.update({ id: 'deal_1', body: { title: 'y' } }, { ifMatch: updated });
    expect([api.etagOf(updated), api.etagOf({ ...updated })]).toEqual(['"2"', undefined]);
    expect(sent.map(({ headers }) => headers.get('if-match'))).toEqual([null, '"1"', '"2"']);
  });

  test('of a row that has changed fails with the row as it is now, whose state the next write may name', async () => {
    const current = { id: 'deal_1', title: 'Buoys' };
    const changed = problem(412, 'PRECONDITION_FAILED', { etag: '"9"' }, { current });
    const { api, sent } = stage([tagged('"1"'), changed, tagged('"10"')]);
    const deal = await api.deals.get({ id: 'deal_1' });
    const body = { title: 'Kelp' };
    const error = await api.deals.update({ id: 'deal_1', body }, { ifMatch: deal }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'PRECONDITION_FAILED', current });
    const { current: now } = error as HoldfastError;
    await api.deals.update({ id: 'deal_1', body }, { ifMatch: now as object });
    expect(sent[2]?.headers.get('if-match')).toBe('"9"');
  });

  test('takes an ETag as a text, and refuses a row without a known ETag before it is sent', async () => {
    const { api, sent } = stage([tagged('"1"')]);
    await api.deals.update({ id: 'deal_1', body: { title: 'x' } }, { ifMatch: '*' });
    expect(sent[0]?.headers.get('if-match')).toBe('*');
    const other = api.deals.update({ id: 'deal_1', body: { title: 'x' } }, { ifMatch: { id: 'deal_1' } });
    await expect(other).rejects.toThrow('ifMatch needs a row');
    expect(sent).toHaveLength(1);
  });
});
