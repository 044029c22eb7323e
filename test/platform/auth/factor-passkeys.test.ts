/** Passkeys as the second step of sign-in, with an authenticator in software. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APP_URL } from '../../support/app.ts';
import { createAuthenticator, type Options } from '../../support/authenticator.ts';
import type { Browser } from '../../support/people.ts';
import { type FactorWorld, OVER, openFactorWorld, WRONG } from './factor-world.ts';
import { problemOf } from './world.ts';

let world: FactorWorld;
beforeAll(async () => {
  world = await openFactorWorld();
});
afterAll(() => world.close());

describe('passkeys as the second step', () => {
  /** Adds a passkey in a browser. */
  async function addPasskey(browser: Browser) {
    const authenticator = createAuthenticator(APP_URL);
    const options = (await (await browser.request('/auth/passkeys/options', { method: 'POST' })).json()) as Options;
    const json = { name: 'Laptop', credential: authenticator.create(options) };
    expect((await browser.request('/auth/passkeys', { json })).status).toBe(201);
    return authenticator;
  }
  const optionsOf = async (browser: Browser) =>
    (await (await browser.request('/auth/factor/options', { json: {} })).json()) as Options & {
      allowCredentials: object[];
    };

  test('a passkey completes a sign-in once, and is listed with its use', async () => {
    const { person, browser } = await world.enrolled();
    const authenticator = await addPasskey(browser);
    const asking = await world.asked(person);
    const passkey = authenticator.get(await optionsOf(asking), { counter: 1 });
    const again = await world.asked(person);
    expect((await world.prove(asking, { passkey })).status).toBe(200);
    expect(await problemOf(await world.prove(again, { passkey }))).toEqual({ status: 401, code: 'PASSKEY_REFUSED' });
    const { items } = (await (await asking.request('/auth/passkeys')).json()) as { items: { usedAt: string | null }[] };
    expect(items[0]?.usedAt).not.toBeNull();
    const sessions = (await (await asking.request('/auth/sessions')).json()) as { items: object[] };
    expect(sessions.items).toContainEqual(expect.objectContaining({ current: true, methods: ['pwd', 'hwk'] }));
  });

  test('the challenge of another sign-in is refused', async () => {
    const { person, browser } = await world.enrolled();
    const authenticator = await addPasskey(browser);
    const [one, other] = [await world.asked(person), await world.asked(person)];
    const passkey = authenticator.get(await optionsOf(one));
    expect(await problemOf(await world.prove(other, { passkey }))).toEqual({ status: 401, code: 'PASSKEY_REFUSED' });
  });

  test('a passkey that was added before the factor completes no sign-in', async () => {
    const person = await world.person();
    const browser = await world.byCode(person);
    const authenticator = await addPasskey(browser);
    world.clock.ahead += 1;
    const { secret } = await world.begin(browser);
    const confirmed = await browser.request('/auth/totp/confirm', { json: { code: world.codeOf(secret) } });
    expect(confirmed.status).toBe(200);
    const asking = await world.asked(person);
    const options = await optionsOf(asking);
    expect(options.allowCredentials ?? []).toEqual([]);
    expect(await problemOf(await world.prove(asking, { passkey: authenticator.get(options) }))).toEqual(WRONG);
  });

  test('options need a sign-in that waits', async () => {
    const answer = await world.browser().request('/auth/factor/options', { json: {} });
    expect(await problemOf(answer)).toEqual(OVER);
  });
});
