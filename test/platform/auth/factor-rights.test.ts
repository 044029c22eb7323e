/** Rights that need a second factor, in sessions and in tokens. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import type { Browser } from '../../support/people.ts';
import { addKey } from '../../support/tenant.ts';
import { BOARD, type FactorWorld, openFactorWorld } from './factor-world.ts';
import { problemOf } from './world.ts';

let world: FactorWorld;
beforeAll(async () => {
  world = await openFactorWorld();
});
afterAll(() => world.close());

describe('rights that need the factor', () => {
  const care = (browser: Browser) => browser.request(BOARD);
  const REQUIRED = { status: 403, code: 'SECOND_FACTOR_REQUIRED' };

  test('a stolen password opens nothing that is marked: as a cookie, as tokens, or on a feed', async () => {
    const { person, browser } = await world.signedIn({ role: 'clinician' });
    expect(await problemOf(await care(browser))).toEqual(REQUIRED);
    expect(await problemOf(await browser.request('/feeds?topics=care-board'))).toEqual(REQUIRED);
    const tokens = (await (await world.signIn(world.browser(), person, { as: 'tokens' })).json()) as {
      accessToken: string;
    };
    expect(await problemOf(await world.request(BOARD, { key: tokens.accessToken }))).toEqual(REQUIRED);
    // Other rights of the role are open.
    expect((await browser.request('/deals/pipeline')).status).toBe(200);
  });

  test('the proof is in the session, through a rotation, and in tokens, through a refresh', async () => {
    const { person, browser, recoveryCodes } = await world.enrolled({ role: 'clinician' });
    expect((await care(browser)).status).toBe(200);
    await browser.request('/auth/sessions', { method: 'DELETE' });
    expect((await care(browser)).status).toBe(200);
    const { pending } = (await (await world.signIn(world.browser(), person, { as: 'tokens' })).json()) as {
      pending: string;
    };
    const proof = { recoveryCode: recoveryCodes[0], pending };
    const { refreshToken } = (await (await world.prove(world.browser(), proof)).json()) as { refreshToken: string };
    const refreshed = await world.browser().request('/auth/refresh', { json: { refreshToken } });
    const { accessToken } = (await refreshed.json()) as { accessToken: string };
    expect((await world.request(BOARD, { key: accessToken })).status).toBe(200);
  });

  test('an API key needs none; the check costs no request and no query', async () => {
    const key = await addKey(world.database, world.tenant.id, { rights: ['care:flow:read'] });
    expect((await world.request(BOARD, { key })).status).toBe(200);
    const { browser } = await world.enrolled({ role: 'clinician' });
    const costs: object[] = [];
    for (const reader of [browser, (await world.signedIn({ role: 'clinician' })).browser]) {
      await reader.request('/deals/pipeline');
      costs.push(costOf(await reader.request('/deals/pipeline')));
    }
    expect(costs[0]).toMatchObject({ redis: expect.stringContaining('1 request') });
    expect(costs[1]).toEqual(costs[0]);
  });
});
