/** A connection ends when its session ends, by any way in which a session can end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellConnections } from '../../../src/platform/feeds/index.ts';
import {
  createAuthKeys,
  createClientTokens,
  createSessions,
  type Session,
} from '../../../src/platform/sessions/index.ts';
import { type EntryPlace, placeOf } from '../../../src/platform/sessions/place.ts';
import { CHECK_MS, type FeedWorld, startFeedWorld } from './world.ts';

let world: FeedWorld;
beforeAll(async () => {
  world = await startFeedWorld();
});
afterAll(() => world.close());

const keys = createAuthKeys(`k1:${Buffer.alloc(32, 7).toString('base64')}`);

const placeOfSession = (session: Session) => placeOf({ session, grant: null }) as EntryPlace;

async function signedIn() {
  const tenant = world.tenant();
  const { redis } = tenant;
  const { system } = tenant.clock;
  const told: Promise<unknown>[] = [];
  const sessions = createSessions({
    ...{ tenant: tenant.id, redis, system, keys, after: () => {} },
    onRevoked: (revocation) => told.push(tellConnections(redis, tenant.id, revocation)),
  });
  const made = await sessions.create(
    { userId: 'user_1', role: 'member', methods: ['pwd'] },
    await sessions.readEpochs('user_1'),
  );
  if (made.kind !== 'created') throw new Error(made.kind);
  const { session } = made;
  const reader = tenant.connect('quiet', { entry: placeOfSession(session) });
  expect(await reader.event()).toContain('hello');
  return { tenant, sessions, session, reader, told };
}

type SignedIn = Awaited<ReturnType<typeof signedIn>>;

test.each<[string, (world: SignedIn) => Promise<unknown>]>([
  ['the session', ({ sessions, session }) => sessions.revoke(session)],
  ['all sessions of the user', ({ sessions }) => sessions.revokeAll('user_1')],
  ['all sessions of the tenant', ({ sessions }) => sessions.revokeTenant()],
])('ending %s ends the connection at once, and no later event arrives', async (_name, end) => {
  const signed = await signedIn();
  const next = signed.reader.event();
  await end(signed);
  await Promise.all(signed.told);
  expect(await next).toBe('bye {"why":"session"}');
  await signed.tenant.publish(1);
  expect(await signed.reader.next()).toBeNull();
});

test('without the message, the next check ends the connection, before events that arrive after the end', async () => {
  const { tenant, sessions, session, reader } = await signedIn();
  world.rest.interceptMessage = () => false;
  await sessions.revoke(session);
  const next = reader.event();
  tenant.clock.advance(CHECK_MS);
  expect(await next).toBe('bye {"why":"session"}');
  world.rest.interceptMessage = undefined;
});

test('events that wait while the session ends are not sent after the check', async () => {
  const { tenant, sessions, session, reader } = await signedIn();
  await sessions.revoke(session);
  await tenant.publish(1);
  tenant.clock.advance(CHECK_MS);
  expect(await reader.event()).toBe('bye {"why":"session"}');
});

test.each([
  ['its idle time', ({ idleMs }: Session) => idleMs],
  ['its deadline', ({ expiresAt, createdAt }: Session) => expiresAt - createdAt],
])('the connection of a session ends after %s', async (_name, after) => {
  const { tenant, session, reader } = await signedIn();
  await reader.leave();
  tenant.clock.advance(after(session));
  const again = tenant.connect('quiet', { entry: { ...placeOfSession(session), expiresAt: Infinity } });
  expect(await again.event()).toBe('bye {"why":"session"}');
});

test('after a rotation of the session the connection ends, and the browser comes back with its new cookie', async () => {
  const { tenant, sessions, session, reader } = await signedIn();
  const rotated = await sessions.rotate(session);
  const next = reader.event();
  tenant.clock.advance(CHECK_MS);
  expect(await next).toBe('bye {"why":"age","retryMs":0}');
  if (rotated.kind !== 'rotated') throw new Error(rotated.kind);
  const again = tenant.connect('quiet', { entry: placeOfSession(rotated.session), cursor: reader.cursor });
  expect(await again.event()).toContain('"resumed":true');
  await again.leave();
});

test('the connection of an access token ends with the token, or at the next check after its user is signed out', async () => {
  const tenant = world.tenant();
  const { redis } = tenant;
  const { system } = tenant.clock;
  const tokens = createClientTokens({
    ...{ tenant: tenant.id, redis, system, keys },
    issuer: 'https://api.example.com',
  });
  const sessions = createSessions({ ...{ tenant: tenant.id, redis, system, keys }, after: () => {} });
  const signIn = { userId: 'user_1', role: 'member', methods: ['pwd'] };
  const issued = await tokens.issue(signIn, await sessions.readEpochs('user_1'));
  if (issued.kind !== 'created') throw new Error(issued.kind);
  const grant = await tokens.validate(issued.tokens.accessToken);
  const entry = placeOf({ session: null, grant });
  const reader = tenant.connect('quiet', { entry });
  expect(await reader.event()).toContain('hello');
  tenant.clock.advance(issued.tokens.accessTokenMs);
  expect(await reader.event()).toMatch(/^bye \{"why":"age"/);
  const again = tenant.connect('quiet', { entry: entry && { ...entry, expiresAt: Infinity } });
  expect(await again.event()).toContain('hello');
  const next = again.event();
  await sessions.revokeAll('user_1');
  tenant.clock.advance(CHECK_MS);
  expect(await next).toBe('bye {"why":"session"}');
});

test('an API key that was revoked ends the connection at the next check', async () => {
  const tenant = world.tenant();
  let isValid = true;
  const reader = tenant.connect('quiet', { callerId: 'key_1', isStillValid: async () => isValid });
  await reader.event();
  isValid = false;
  const next = reader.event();
  tenant.clock.advance(CHECK_MS);
  expect(await next).toBe('bye {"why":"session"}');
});

test('an old connection ends, and the next one resumes', async () => {
  const tenant = world.tenant();
  await tenant.publish(1);
  const reader = tenant.connect('quiet');
  await reader.event();
  tenant.clock.advance(600_000);
  expect(await reader.event()).toMatch(/^bye \{"why":"age"/);
  const again = tenant.connect('quiet', { cursor: reader.cursor });
  expect(await again.event()).toContain('"resumed":true');
  await again.leave();
});
