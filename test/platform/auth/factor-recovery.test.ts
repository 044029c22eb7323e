/** Losing the second factor: new proofs, recovery codes, the reset by a manager, and two devices at once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../support/people.ts';
import { sql } from '../../support/tenant.ts';
import { BOARD, type FactorWorld, openFactorWorld, STEP, WRONG } from './factor-world.ts';
import { problemOf } from './world.ts';

let world: FactorWorld;
beforeAll(async () => {
  world = await openFactorWorld();
});
afterAll(() => world.close());

describe('a new proof in the session', () => {
  test('gives the session a new token and a new time of the proof, and no more time', async () => {
    const { browser, secret } = await world.enrolled({ role: 'clinician' });
    world.clock.ahead += 12 * STEP;
    const before = browser.cookieHeader();
    const renewCodes = async () => browser.request('/auth/recovery-codes', { json: { code: world.nextCode(secret) } });
    expect(await problemOf(await renewCodes())).toEqual({ status: 403, code: 'SESSION_NOT_FRESH' });
    const again = (proof: object) => browser.request('/auth/factor/again', { json: proof });
    const code = world.nextCode(secret);
    expect((await again({ code })).status).toBe(204);
    expect((await world.app.request('/auth/session', { headers: { cookie: before } })).status).toBe(401);
    expect(await problemOf(await again({ code }))).toEqual(WRONG);
    expect((await renewCodes()).status).toBe(200);
  });

  test('is refused without a factor, and for programs', async () => {
    const { person, browser } = await world.signedIn();
    const again = { json: { recoveryCode: 'x'.repeat(22) } };
    expect(await problemOf(await browser.request('/auth/factor/again', again))).toEqual(WRONG);
    const tokens = (await (await world.signIn(world.browser(), person, { as: 'tokens' })).json()) as {
      accessToken: string;
    };
    const program = await world.request('/auth/factor/again', { method: 'POST', key: tokens.accessToken, ...again });
    expect(await problemOf(program)).toEqual({ status: 403, code: 'NEEDS_SESSION' });
  });
});

describe('losing the app', () => {
  test('a recovery code signs in and is mailed; it removes the app, and a mailed code adds another', async () => {
    const { person, recoveryCodes } = await world.enrolled();
    const browser = await world.asked(person);
    expect((await world.prove(browser, { recoveryCode: recoveryCodes[0] })).status).toBe(200);
    const [mail] = await world.mails(person.email);
    expect(mail?.subject).toBe('A recovery code was used to sign in to Holdfast');
    const removed = await browser.request('/auth/totp/remove', { json: { recoveryCode: recoveryCodes[1] } });
    expect(removed.status).toBe(204);
    const again = await world.byCode(person);
    const begun = await world.begin(again);
    const confirmed = await again.request('/auth/totp/confirm', { json: { code: world.codeOf(begun.secret) } });
    expect(confirmed.status).toBe(200);
    // The codes of the lost app have ended.
    const late = await world.asked(person);
    world.clock.ahead += 1;
    expect(await problemOf(await world.prove(late, { recoveryCode: recoveryCodes[2] }))).toEqual(WRONG);
  });

  test('new recovery codes end the older ones', async () => {
    const { person, browser, recoveryCodes, secret } = await world.enrolled();
    const renewed = await browser.request('/auth/recovery-codes', { json: { code: world.nextCode(secret) } });
    const { recoveryCodes: fresh } = (await renewed.json()) as { recoveryCodes: string[] };
    expect(await problemOf(await world.prove(await world.asked(person), { recoveryCode: recoveryCodes[0] }))).toEqual(
      WRONG,
    );
    expect((await world.prove(await world.asked(person), { recoveryCode: fresh[0] })).status).toBe(200);
  });
});

describe('a reset by a manager', () => {
  const reset = (by: Browser, id: string) => by.request(`/auth/factors/${id}`, { method: 'DELETE' });

  test('ends the sessions, mails the user, is in the audit trail, and gives the user no marked right', async () => {
    const { person, browser } = await world.enrolled({ role: 'clinician' });
    const waiting = await world.asked(person);
    const { browser: owner, person: by } = await world.signedIn({ role: 'owner' });
    expect((await reset(owner, person.id)).status).toBe(204);
    expect((await browser.request('/auth/session')).status).toBe(401);
    expect((await world.prove(waiting, { recoveryCode: 'x'.repeat(22) })).status).toBe(401);
    const [mail] = await world.mails(person.email);
    expect(mail?.subject).toBe('The second factor of your sign-in for Holdfast was reset');
    const audited = await world.request(`/audit?entityId=${person.id}&action=factor.reset`, {
      key: world.tenant.keys.all,
    });
    const { items } = (await audited.json()) as { items: object[] };
    expect(items).toEqual([expect.objectContaining({ action: 'factor.reset', actorId: by.id })]);
    const after = world.browser();
    expect((await world.signIn(after, person)).status).toBe(200);
    expect((await after.request(BOARD)).status).toBe(403);
    expect((await after.request('/auth/totp', { method: 'POST' })).status).toBe(403);
  });

  test('needs all rights of the user, and is not for the own factor', async () => {
    const { browser: admin } = await world.signedIn({ role: 'admin' });
    const beyond = { status: 403, code: 'BEYOND_YOUR_RIGHTS' };
    for (const role of ['owner', 'clinician'] as const) {
      const { person } = await world.enrolled({ role });
      expect(await problemOf(await reset(admin, person.id))).toEqual(beyond);
    }
    const { person, browser } = await world.enrolled({ role: 'owner' });
    expect(await problemOf(await reset(browser, person.id))).toEqual({ status: 403, code: 'OWN_FACTOR' });
    const { person: none } = await world.signedIn();
    expect((await reset(admin, none.id)).status).toBe(404);
  });
});

describe('two devices', () => {
  type Actors = Awaited<ReturnType<FactorWorld['enrolled']>> & { waiting: Browser; owner: Browser };
  /** The ways in which one device uses the factor, and another one ends it. */
  const uses = {
    'a sign-in': ({ waiting, recoveryCodes }: Actors) => world.prove(waiting, { recoveryCode: recoveryCodes[0] }),
    'a new proof': ({ browser, recoveryCodes }: Actors) =>
      browser.request('/auth/factor/again', { json: { recoveryCode: recoveryCodes[1] } }),
  };
  const ends = {
    'a reset': ({ owner, person }: Actors) => owner.request(`/auth/factors/${person.id}`, { method: 'DELETE' }),
    'a removal': ({ browser, recoveryCodes }: Actors) =>
      tab(browser).request('/auth/totp/remove', { json: { recoveryCode: recoveryCodes[2] } }),
  };
  /** A second tab of a browser, which does not see the cookies that the first one gets later. */
  function tab(of: Browser): Browser {
    const opened = world.browser();
    for (const [name, value] of of.cookies) opened.cookies.set(name, value);
    return opened;
  }
  const orders = ['first', 'last', 'at the same time'] as const;
  const cases = Object.keys(uses).flatMap((use) =>
    Object.keys(ends).flatMap((end) => orders.map((order) => [use, order, end] as const)),
  );

  test.each(cases)('%s %s and %s: no session with the proof is left', async (use, order, end) => {
    const made = await world.enrolled({ role: 'clinician' });
    const waiting = await world.asked(made.person);
    const actors = { ...made, waiting, owner: (await world.signedIn({ role: 'owner' })).browser };
    const [used, ended] = [uses[use as keyof typeof uses], ends[end as keyof typeof ends]];
    const acts = order === 'last' ? [ended, used] : [used, ended];
    const answers: Response[] = [];
    if (order === 'at the same time') answers.push(...(await Promise.all(acts.map((act) => act(actors)))));
    else for (const act of acts) answers.push(await act(actors));
    for (const { status } of answers) expect([200, 204, 401, 404, 409]).toContain(status);
    const removed = (await world.signIn(world.browser(), made.person)).status === 200;
    const marked = await Promise.all([made.browser, waiting].map(async (each) => (await each.request(BOARD)).status));
    // A removal may have been refused, because the other tab had rotated its session. Then the factor is still needed.
    if (removed) expect(marked.filter((status) => status === 200)).toEqual([]);
    else expect(end).toBe('a removal');
  });

  test('two confirmations at once: one app, and one set of recovery codes', async () => {
    const person = await world.person();
    const browser = await world.byCode(person);
    const browsers = [browser, tab(browser)];
    const { secret } = await world.begin(browser);
    const json = { code: world.codeOf(secret) };
    const answers = await Promise.all(browsers.map((each) => each.request('/auth/totp/confirm', { json })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const rows = await sql<{ count: number }>(
      world.database,
      'SELECT count(*)::int AS count FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2',
      [world.tenant.id, person.id],
    );
    expect(rows).toEqual([{ count: 10 }]);
  });
});
