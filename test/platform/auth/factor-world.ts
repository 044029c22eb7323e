/** The common parts of the suites of the second factor: users with a confirmed app, and sign-ins that wait for it. */
import { Secret, TOTP } from 'otpauth';
import { expect } from 'vitest';
import type { Browser, Person, PersonOptions } from '../../support/people.ts';
import { createWorld, problemOf } from './world.ts';

/** The step of an app, in ms. */
export const STEP = 30_000;
export const WRONG = { status: 401, code: 'WRONG_FACTOR' };
export const OVER = { status: 401, code: 'SIGN_IN_OVER' };
/** A route whose right needs the factor, for the roles of the care area. */
export const BOARD = '/care/board?department=Cardiology';

export type FactorWorld = Awaited<ReturnType<typeof openFactorWorld>>;

export async function openFactorWorld() {
  const world = await createWorld();

  /** The code of an app at the time of the world's clock. */
  function codeOf(secret: string): string {
    return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + world.clock.ahead });
  }

  const signIn = (browser: Browser, { email, password }: Person, more: object = {}) =>
    browser.request('/auth/sign-in', { json: { email, password, ...more } });

  /** A browser in which the user has signed in with a mailed code. */
  async function byCode({ email }: Person): Promise<Browser> {
    const browser = world.browser();
    await browser.request('/auth/code', { json: { email } });
    const answer = await browser.request('/auth/verify', { json: { code: await world.code(email) } });
    expect(answer.status, await answer.clone().text()).toBe(200);
    return browser;
  }

  /** Begins to add an app, and returns its secret. */
  async function begin(browser: Browser): Promise<{ secret: string; uri: string }> {
    const begun = await browser.request('/auth/totp', { method: 'POST' });
    expect(begun.status, await begun.clone().text()).toBe(200);
    return (await begun.json()) as { secret: string; uri: string };
  }

  return {
    ...world,
    codeOf,
    /** Moves the clock to the next code, because each code works once. */
    nextCode(secret: string): string {
      world.clock.ahead += STEP;
      return codeOf(secret);
    },
    signIn,
    byCode,
    begin,
    /** A user with a confirmed app, in a browser. */
    async enrolled(options: PersonOptions = {}) {
      const person = await world.person(options);
      const browser = await byCode(person);
      const { secret } = await begin(browser);
      const confirmed = await browser.request('/auth/totp/confirm', { json: { code: codeOf(secret) } });
      expect(confirmed.status, await confirmed.clone().text()).toBe(200);
      const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] };
      return { person, browser, secret, recoveryCodes };
    },
    /** A browser in which the user has given the password. */
    async asked(person: Person): Promise<Browser> {
      const browser = world.browser();
      expect(await problemOf(await signIn(browser, person))).toEqual({ status: 403, code: 'SECOND_FACTOR_NEEDED' });
      return browser;
    },
    /** Tokens of a program that has given the password only, or the sign-in that waits. */
    async asProgram(person: Person): Promise<{ accessToken: string; pending: string }> {
      const answer = await signIn(world.browser(), person, { as: 'tokens' });
      return (await answer.json()) as { accessToken: string; pending: string };
    },
    prove: (browser: Browser, proof: object) => browser.request('/auth/factor', { json: proof }),
  };
}
