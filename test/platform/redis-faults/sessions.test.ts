/** Sessions, refresh tokens and epochs on a Redis that refuses, and on one that forgets. */
import { beforeEach, expect, test } from 'vitest';
import { type Revocation, revocationHandler } from '../../../src/platform/sessions/index.ts';
import { manualClock } from '../../support/isolate.ts';
import { createIsolate, type Isolate, newTenant, presentedRefresh, signInOf } from '../sessions/world.ts';
import { CLOSED, describeFaults, faultyRedis, STATES } from './world.ts';

const redis = faultyRedis();
const MINUTE = 60_000;

let clock: ReturnType<typeof manualClock>;
let tenant: string;
let one: Isolate;

function open(): Isolate {
  return createIsolate({ rest: redis.rest(), tenant, system: clock.system });
}

describeFaults('sessions', () => {
  beforeEach(() => {
    clock = manualClock();
    tenant = newTenant();
    one = open();
  });

  test.each(STATES)('%s: sessions and tokens can be read and listed', async (state) => {
    const { token, session } = await one.signIn();
    const { tokens } = await one.issue();
    await redis.make(state);
    expect(await one.who(token)).toMatchObject({ userId: 'user_1' });
    expect(await one.tokens.validate(tokens.accessToken)).toMatchObject({ userId: 'user_1' });
    expect(await one.sessions.list('user_1', session)).toHaveLength(2);
  });

  test.each(STATES)('%s: signing in fails with SESSION_REFUSED', async (state) => {
    const epochs = await one.sessions.readEpochs('user_1');
    await redis.make(state);
    await expect(one.sessions.create(signInOf(), epochs)).rejects.toMatchObject({ code: 'SESSION_REFUSED' });
    await expect(one.tokens.issue(signInOf(), epochs)).rejects.toMatchObject({ code: 'SESSION_REFUSED' });
    await redis.heal();
    expect(await one.sessions.list('user_1')).toEqual([]);
    expect((await one.sessions.create(signInOf(), epochs)).kind).toBe('created');
  });

  test.each(STATES)('%s: a refresh is refused, and the same token is valid afterwards', async (state) => {
    const { tokens } = await one.issue();
    await redis.make(state);
    const presented = presentedRefresh(tokens.refreshToken);
    await expect(one.tokens.refresh(presented)).rejects.toMatchObject({ code: 'SESSION_REFUSED' });
    await redis.heal();
    expect((await one.tokens.refresh(presented)).kind).toBe('rotated');
  });

  test.each(STATES)('%s: data of a session stays unchanged: SESSION_REFUSED', async (state) => {
    const { token, session } = await one.signIn({ data: { step: 1 } });
    await redis.make(state);
    await expect(one.sessions.update(session, { step: 2 })).rejects.toMatchObject({ code: 'SESSION_REFUSED' });
    expect((await one.who(token))?.data).toEqual({ step: 1 });
  });

  test('full: the use of a session is still recorded', async () => {
    const { token } = await one.signIn();
    await redis.make('full');
    // Longer than the idle limit of a session, in shorter steps.
    for (let minute = 0; minute < 120; minute += 20) {
      clock.now += 20 * MINUTE;
      expect(await one.who(token)).not.toBeNull();
      await one.settled();
    }
  });

  test.each(CLOSED)(
    '%s: the use of a session is not recorded, and the request is answered nevertheless',
    async (state) => {
      const { token, session } = await one.signIn();
      await redis.make(state);
      clock.now += 20 * MINUTE;
      expect(await one.who(token)).toMatchObject({ lastSeenAt: session.lastSeenAt });
      await one.settled();
      expect(await one.who(token)).toMatchObject({ lastSeenAt: session.lastSeenAt });
    },
  );

  test('full: a session can be rotated', async () => {
    const { token, session } = await one.signIn();
    await redis.make('full');
    const rotated = await one.sessions.rotate(session);
    expect(rotated.kind).toBe('rotated');
    expect(await one.who(token)).toBeNull();
  });

  test.each(CLOSED)('%s: a session is not rotated and stays valid: SESSION_REFUSED', async (state) => {
    const { token, session } = await one.signIn();
    await redis.make(state);
    await expect(one.sessions.rotate(session)).rejects.toMatchObject({ code: 'SESSION_REFUSED' });
    expect(await one.who(token)).not.toBeNull();
  });
});

/** The four revocations, each applied to the data of `a`; `b` is another session of the same user. */
const REVOCATIONS: [string, (made: Made) => Promise<unknown>][] = [
  ['one session', ({ a }) => one.sessions.revoke(a.session)],
  ['all of a user', () => one.sessions.revokeAll('user_1')],
  ['all of a user but one', ({ b }) => one.sessions.revokeOthers(b.session)],
  ['all of a tenant', () => one.sessions.revokeTenant()],
  ['the family of a refresh token', ({ family }) => one.tokens.revoke(presentedRefresh(family.tokens.refreshToken))],
];

interface Made {
  a: Awaited<ReturnType<Isolate['signIn']>>;
  b: Awaited<ReturnType<Isolate['signIn']>>;
  family: Awaited<ReturnType<Isolate['issue']>>;
}

async function make(): Promise<Made> {
  return { a: await one.signIn(), b: await one.signIn(), family: await one.issue() };
}

/** The user's valid entries: `a`, `b`, `family`. */
async function left({ a, b, family }: Made): Promise<string[]> {
  const [isA, isB, isFamily] = [
    await one.who(a.token),
    await one.who(b.token),
    await one.tokens.validate(family.tokens.accessToken),
  ];
  return [isA && 'a', isB && 'b', isFamily && 'family'].filter((each) => each !== null);
}

const LEFT: Record<string, string[]> = {
  'one session': ['b', 'family'],
  'all of a user': [],
  // `b` continues with another token.
  'all of a user but one': [],
  'all of a tenant': [],
  'the family of a refresh token': ['a', 'b'],
};

describeFaults('revocations', () => {
  beforeEach(() => {
    clock = manualClock();
    tenant = newTenant();
    one = open();
  });

  test.each(REVOCATIONS)('full: %s is ended, in one command', async (name, revoke) => {
    const made = await make();
    await redis.make('full');
    // The isolate's first run sends the script's text, but still in one command.
    expect(await one.costOf(() => revoke(made))).toEqual([1, 1]);
    expect(await left(made)).toEqual(LEFT[name]);
    await redis.heal();
    expect(await left(made)).toEqual(LEFT[name]);
    expect(await one.who((await one.signIn()).token)).not.toBeNull();
  });

  test('full: a sign-in with credentials checked before a revocation is refused after it', async () => {
    const [user, ofTenant] = [await one.sessions.readEpochs('user_1'), await one.sessions.readEpochs('user_2')];
    await redis.make('full');
    await one.sessions.revokeAll('user_1');
    await redis.heal();
    expect(await one.sessions.create(signInOf(), user)).toEqual({ kind: 'gone' });
    await redis.make('full');
    await one.sessions.revokeTenant();
    await redis.heal();
    expect(await one.sessions.create(signInOf({ userId: 'user_2' }), ofTenant)).toEqual({ kind: 'gone' });
  });

  test.each(REVOCATIONS)('full, and scripts are refused: %s is ended by plain deletion', async (name, revoke) => {
    const made = await make();
    const other = await one.signIn({ userId: 'user_2' });
    await redis.make('full');
    redis.refuseScripts();
    await revoke(made);
    redis.rest().intercept = undefined;
    expect(await left(made)).toEqual(LEFT[name]);
    expect((await one.who(other.token)) === null).toBe(name === 'all of a tenant');
    await redis.heal();
    expect(await left(made)).toEqual(LEFT[name]);
    expect(await one.who((await one.signIn()).token)).not.toBeNull();
  });

  test('full, and scripts are refused: revokeOthers also ends the current session, and reports it', async () => {
    const { session } = await one.signIn();
    await redis.make('full');
    redis.refuseScripts();
    expect(await one.sessions.revokeOthers(session)).toEqual({ kind: 'ended' });
  });

  test('full, and scripts are refused: sessions from before an earlier epoch do not become valid again', async () => {
    const old = await one.signIn();
    await one.sessions.revokeTenant();
    const { token } = await one.signIn({ userId: 'user_2' });
    await redis.make('full');
    redis.refuseScripts();
    await one.sessions.revokeTenant();
    redis.rest().intercept = undefined;
    await redis.heal();
    expect(await one.who(old.token)).toBeNull();
    expect(await one.who(token)).toBeNull();
  });

  test.each(CLOSED.flatMap((state) => REVOCATIONS.map(([name, revoke]) => ({ state, name, revoke }))))(
    '$state: $name is not ended: SESSION_REFUSED',
    async ({ state, name, revoke }) => {
      const made = await make();
      await redis.make(state);
      await expect(revoke(made)).rejects.toMatchObject({ code: 'SESSION_REFUSED' });
      expect(await left(made)).toEqual(['a', 'b', 'family']);
      await redis.heal();
      await revoke(made);
      expect(await left(made)).toEqual(LEFT[name]);
    },
  );

  test.each(REVOCATIONS)(
    'no permission to run scripts or to SET: %s is ended by plain deletion',
    async (name, revoke) => {
      const made = await make();
      await redis.server().forbid('-@scripting', '-set');
      await revoke(made);
      expect(await left(made)).toEqual(LEFT[name]);
    },
  );
});

describeFaults('a failover that forgets', () => {
  /** The revocations that the isolate put into the outbox. */
  let outbox: Revocation[];
  beforeEach(() => {
    clock = manualClock();
    tenant = newTenant();
    outbox = [];
    one = createIsolate({
      rest: redis.rest(),
      tenant,
      system: clock.system,
      onRevoked: (revocation) => outbox.push(JSON.parse(JSON.stringify(revocation)) as Revocation),
    });
  });

  /** Handles the outbox entries like the drain; resolves with the log's events. */
  async function drain(): Promise<string[]> {
    const events: string[] = [];
    const log = { ...console, warn: (event: string) => events.push(event) } as unknown as Parameters<
      typeof revocationHandler
    >[0]['log'];
    const entries = outbox.map((payload, at) => ({ id: String(at), tenant, payload }));
    const outcomes = await revocationHandler({ redis: one.redis, log })(entries);
    expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
    return events;
  }

  test('forgets a session: its token is refused, and its user signs in again', async () => {
    const { token } = await redis.forget(() => one.signIn());
    expect(await one.who(token)).toBeNull();
    expect(one.refused).toEqual(['unknown']);
    expect(await one.who((await one.signIn()).token)).not.toBeNull();
  });

  test('forgets a refresh: the old token is valid again, its successor is not', async () => {
    const { tokens } = await one.issue();
    const refreshed = await redis.forget(() => one.tokens.refresh(presentedRefresh(tokens.refreshToken)));
    if (refreshed.kind !== 'rotated') throw new Error(refreshed.kind);
    expect(await one.tokens.refresh(presentedRefresh(refreshed.tokens.refreshToken))).toEqual({ kind: 'invalid' });
    expect((await one.tokens.refresh(presentedRefresh(tokens.refreshToken))).kind).toBe('rotated');
  });

  test.each(REVOCATIONS)('forgets that %s was ended: the drain ends it again', async (name, revoke) => {
    const made = await make();
    await redis.forget(() => revoke(made));
    expect(await left(made)).toEqual(['a', 'b', 'family']);
    clock.now += MINUTE;
    expect(await drain()).toEqual(['session.revocation_forgotten']);
    expect(await left(made)).toEqual(LEFT[name]);
    expect(await drain()).toEqual([]);
  });

  test.each(REVOCATIONS)('does not forget that %s was ended: the drain ends nothing else', async (_name, revoke) => {
    const made = await make();
    await revoke(made);
    clock.now += 1;
    const later = await one.signIn();
    const before = await left(made);
    expect(await drain()).toEqual([]);
    expect(await left(made)).toEqual(before);
    expect(await one.who(later.token)).not.toBeNull();
  });

  test('forgets that all of a user was ended: later sessions stay valid', async () => {
    const made = await make();
    await redis.forget(() => one.sessions.revokeAll('user_1'));
    clock.now += 1;
    const later = await one.signIn();
    await drain();
    expect(await left(made)).toEqual([]);
    expect(await one.who(later.token)).not.toBeNull();
  });

  test('forgets a revocation of a tenant, followed by another one: sessions after the second stay valid', async () => {
    await redis.forget(() => one.sessions.revokeTenant());
    await one.sessions.revokeTenant();
    clock.now += 1;
    const { token } = await one.signIn();
    expect(await drain()).toEqual([]);
    expect(await one.who(token)).not.toBeNull();
  });

  test('a reuse that ended a family is in the outbox too', async () => {
    const { tokens, id } = await one.issue();
    const first = presentedRefresh(tokens.refreshToken);
    await one.tokens.refresh(first);
    clock.now += MINUTE;
    expect((await one.tokens.refresh(first)).kind).toBe('reuse');
    expect(outbox).toMatchObject([{ what: 'entry', id }]);
  });
});
