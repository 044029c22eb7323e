/** The second factor: making an authenticator app, the second step of sign-in, and removing the factor. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FactorWorld, OVER, openFactorWorld, STEP, WRONG } from './factor-world.ts';
import { problemOf } from './world.ts';

let world: FactorWorld;
beforeAll(async () => {
  world = await openFactorWorld();
});
afterAll(() => world.close());

describe('making the factor', () => {
  test('confirming it gives ten recovery codes, ends the other sessions, mails the user, and is in the audit trail', async () => {
    const person = await world.person();
    const browser = await world.byCode(person);
    const other = world.browser();
    await world.signIn(other, person);
    const { secret, uri } = await world.begin(browser);
    expect(uri).toContain(`secret=${secret}`);
    const response = await browser.request('/auth/totp/confirm', { json: { code: world.codeOf(secret) } });
    const { recoveryCodes } = (await response.json()) as { recoveryCodes: string[] };
    expect(new Set(recoveryCodes).size).toBe(10);
    expect((await other.request('/auth/session')).status).toBe(401);
    expect((await browser.request('/auth/session')).status).toBe(200);
    const [mail] = await world.mails(person.email);
    expect(mail?.subject).toBe('The second factor of your sign-in for Holdfast was added');
    const entries = await world.request('/audit?limit=5', { key: await world.keyOf(world.tenant.id) });
    expect(await entries.text()).toContain('"factor.added"');
  });

  test('an app that is not confirmed is not asked for', async () => {
    const person = await world.person();
    await (await world.byCode(person)).request('/auth/totp', { method: 'POST' });
    expect((await world.signIn(world.browser(), person)).status).toBe(200);
  });

  test('a password alone adds no app, so that a thief of it cannot use rights that need a factor', async () => {
    const { browser } = await world.signedIn({ role: 'nurse' });
    const refused = { status: 403, code: 'MAILED_CODE_REQUIRED' };
    expect(await problemOf(await browser.request('/auth/totp', { method: 'POST' }))).toEqual(refused);
    const confirmed = await browser.request('/auth/totp/confirm', { json: { code: '123456' } });
    expect(await problemOf(confirmed)).toEqual(refused);
  });

  test('a second app, a program, and a session older than five minutes are refused', async () => {
    const { browser } = await world.enrolled();
    expect(await problemOf(await browser.request('/auth/totp', { method: 'POST' }))).toEqual({
      status: 409,
      code: 'FACTOR_EXISTS',
    });
    const { person } = await world.signedIn();
    const tokens = (await (await world.signIn(world.browser(), person, { as: 'tokens' })).json()) as {
      accessToken: string;
    };
    const program = { method: 'POST', key: tokens.accessToken };
    expect(await problemOf(await world.request('/auth/totp', program))).toEqual({ status: 403, code: 'NEEDS_SESSION' });
    world.clock.ahead += 10 * STEP + 1_000;
    expect(await problemOf(await browser.request('/auth/totp/remove', { json: { code: '000000' } }))).toEqual({
      status: 403,
      code: 'SESSION_NOT_FRESH',
    });
  });
});

describe('signing in', () => {
  test('the password alone gives no session; the code of the app completes the sign-in', async () => {
    const { person, secret } = await world.enrolled();
    const browser = await world.asked(person);
    expect((await browser.request('/auth/session')).status).toBe(401);
    expect((await world.prove(browser, { code: world.nextCode(secret) })).status).toBe(200);
    const { items } = (await (await browser.request('/auth/sessions')).json()) as { items: object[] };
    expect(items).toContainEqual(expect.objectContaining({ current: true, methods: ['pwd', 'totp'] }));
  });

  test('a mailed code alone gives no session', async () => {
    const { person } = await world.enrolled();
    const browser = world.browser();
    await browser.request('/auth/code', { json: { email: person.email } });
    const response = await browser.request('/auth/verify', { json: { code: await world.code(person.email) } });
    expect(await problemOf(response)).toEqual({ status: 403, code: 'SECOND_FACTOR_NEEDED' });
    expect((await browser.request('/auth/session')).status).toBe(401);
  });

  test('a program gets the waiting sign-in in the answer, and tokens for it', async () => {
    const { person, secret } = await world.enrolled();
    const { pending } = (await (await world.signIn(world.browser(), person, { as: 'tokens' })).json()) as {
      pending: string;
    };
    const response = await world.prove(world.browser(), { code: world.nextCode(secret), pending });
    expect(await response.json()).toMatchObject({ tokenType: 'Bearer', accessToken: expect.any(String) });
  });

  test('of two requests at once with the same code, one passes', async () => {
    const { person, secret } = await world.enrolled();
    const browsers = [await world.asked(person), await world.asked(person)];
    const code = world.nextCode(secret);
    const statuses = (await Promise.all(browsers.map((browser) => world.prove(browser, { code })))).map(
      (r) => r.status,
    );
    expect(statuses.sort()).toEqual([200, 401]);
  });

  test('a waiting sign-in is completed once, even with a new code', async () => {
    const { person, secret } = await world.enrolled();
    const { pending } = (await (await world.signIn(world.browser(), person, { as: 'tokens' })).json()) as {
      pending: string;
    };
    expect((await world.prove(world.browser(), { code: world.nextCode(secret), pending })).status).toBe(200);
    expect(await problemOf(await world.prove(world.browser(), { code: world.nextCode(secret), pending }))).toEqual(
      OVER,
    );
  });

  test('a waiting sign-in ends after five minutes, and when all sessions of the user end', async () => {
    const { person, browser, recoveryCodes } = await world.enrolled();
    const late = await world.asked(person);
    world.clock.ahead += 10 * STEP;
    expect(await problemOf(await world.prove(late, { recoveryCode: recoveryCodes[0] }))).toEqual(OVER);
    const ended = await world.asked(person);
    await browser.request('/auth/sessions', { method: 'DELETE' });
    const refused = await world.prove(ended, { recoveryCode: recoveryCodes[0] });
    expect(await problemOf(refused)).toEqual({ status: 401, code: 'WRONG_CREDENTIALS' });
  });

  test('a recovery code works once', async () => {
    const { person, recoveryCodes } = await world.enrolled();
    const [recoveryCode] = recoveryCodes;
    expect((await world.prove(await world.asked(person), { recoveryCode })).status).toBe(200);
    world.clock.ahead += 1_000;
    expect(await problemOf(await world.prove(await world.asked(person), { recoveryCode }))).toEqual(WRONG);
  });

  test('five guesses in 15 minutes from all addresses together; then the right code is refused too, and the user is mailed once', async () => {
    const { person, secret } = await world.enrolled();
    const browser = await world.asked(person);
    const right = world.nextCode(secret);
    const wrong = right === '000000' ? '000001' : '000000';
    // The confirmation counts as one attempt.
    for (let guess = 0; guess < 4; guess += 1) {
      expect(await problemOf(await world.prove(await world.asked(person), { code: wrong }))).toEqual(WRONG);
    }
    for (let more = 0; more < 2; more += 1) expect((await world.prove(browser, { code: right })).status).toBe(429);
    const mails = (await world.mails(person.email)).map(({ subject }) => subject);
    expect(mails.filter((subject) => subject === 'Sign-ins to Holdfast stopped at your second factor')).toHaveLength(1);
  });

  test('no proof, two proofs, and a code of another form are refused by name', async () => {
    for (const proof of [{}, { code: '123456', recoveryCode: 'x'.repeat(22) }, { code: '12345' }]) {
      const response = await world.prove(world.browser(), proof);
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('"field":"code"');
    }
  });
});

describe('removing the factor', () => {
  test('needs a proof of it; then the password is enough again', async () => {
    const { person, browser, secret, recoveryCodes } = await world.enrolled();
    const remove = (proof: object) => browser.request('/auth/totp/remove', { json: proof });
    expect(await problemOf(await remove({ recoveryCode: 'x'.repeat(22) }))).toEqual(WRONG);
    expect((await remove({ code: world.nextCode(secret) })).status).toBe(204);
    expect((await world.signIn(world.browser(), person)).status).toBe(200);
    expect(await problemOf(await remove({ recoveryCode: recoveryCodes[0] }))).toEqual({
      status: 404,
      code: 'NOT_FOUND',
    });
  });
});
