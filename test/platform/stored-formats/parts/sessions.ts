/** Sessions, refresh tokens, access tokens, epochs, one-time codes and their budgets, password hashes. */
import { expect } from 'vitest';
import { hashPassword } from '../../../../src/platform/passwords/index.ts';
import type { Given, StoredPart } from '../part.ts';
import { type StoredWorld, TENANT } from '../world.ts';

const PASSWORD = 'kelp forests hold fast';
const people = { reader: 'reader@kelp.example', ended: 'ended@kelp.example', coder: 'coder@kelp.example' };
/** The user whose list settings the part `write-behind` stores and reads. */
export const READER_ID = 'user_stored_reader';

async function signIn(world: StoredWorld, email: string, as: 'cookie' | 'tokens' = 'cookie') {
  const response = await world.request('/auth/sign-in', {
    headers: { cookie: '', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' },
    json: { email, password: PASSWORD, tenant: TENANT, as },
  });
  if (response.status !== 200) throw new Error(`Not signed in: ${await response.text()}`);
  return response;
}

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
}

const tokensOf = async (response: Response) => {
  const { accessToken, refreshToken } = (await response.json()) as Record<string, string>;
  return { accessToken: accessToken ?? '', refreshToken: refreshToken ?? '' };
};
const refresh = (world: StoredWorld, refreshToken: string | undefined) =>
  world.request('/auth/refresh', { headers: { cookie: '' }, json: { refreshToken } });
const look = (world: StoredWorld, headers: Record<string, string>) => world.request('/auth/session', { headers });

/** Signs the reader in, and returns the cookie. */
export const readerCookie = async (world: StoredWorld) => cookieOf(await signIn(world, people.reader));

export const sessionsPart: StoredPart = {
  name: 'sessions',
  async record(world) {
    const hash = await hashPassword(PASSWORD, { ln: 2, r: 8, p: 1 });
    const moment = new Date(world.now()).toISOString();
    for (const [name, email] of Object.entries(people)) {
      await world.sql(`INSERT INTO users (tenant_id, id, email, name, role, password_hash, verified_at, updated_at)
        VALUES ('${TENANT}', 'user_stored_${name}', '${email}', '${name}', 'owner', '${hash}', '${moment}', '${moment}')`);
    }
    // Ends the sessions of the whole tenant, so the sessions that stay open are created after this.
    const ended = cookieOf(await signIn(world, people.ended));
    const current = cookieOf(await signIn(world, people.ended));
    await world.request('/auth/sessions', { method: 'DELETE', headers: { cookie: current } });
    await world.request('/auth/sessions/revoke-all', {
      headers: { cookie: cookieOf(await signIn(world, people.ended)) },
      json: {},
    });
    const cookie = cookieOf(await signIn(world, people.reader));
    const tokens = await tokensOf(await signIn(world, people.reader, 'tokens'));
    const rotated = await tokensOf(await refresh(world, tokens.refreshToken));
    // Created here instead of over HTTP, where the code is in the mail but not in the answer.
    const issued = await world.within((_tenant, { codes }) =>
      codes.issue({ purpose: 'sign-in', identifier: people.coder, context: TENANT, asker: 'recorder' }),
    );
    if (issued.kind !== 'code') throw new Error(issued.kind);
    return {
      cookie,
      ended,
      spentRefreshToken: tokens.refreshToken,
      refreshToken: rotated.refreshToken,
      accessToken: rotated.accessToken,
      challenge: issued.challenge,
      code: issued.code,
    };
  },
  reads: {
    'the cookie of a session is valid and gives its user and device': async (world, { cookie = '' }) => {
      const response = await look(world, { cookie });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ kind: 'session', userId: READER_ID });
      const listed = await world.request('/auth/sessions', { headers: { cookie } });
      expect(await listed.json()).toMatchObject({
        items: expect.arrayContaining([
          expect.objectContaining({ current: true, device: expect.stringMatching(/Firefox/) }),
        ]),
      });
    },
    'the cookie of an ended session is refused': async (world, { ended = '' }) => {
      expect((await look(world, { cookie: ended })).status).toBe(401);
    },
    'an access token is valid until it expires': async (world, { accessToken = '' }) => {
      expect((await look(world, { authorization: `Bearer ${accessToken}` })).status).toBe(200);
    },
    'an exchanged refresh token gives the same successor within the grace period, and the successor rotates': async (
      world,
      { spentRefreshToken, refreshToken },
    ) => {
      const again = await refresh(world, spentRefreshToken);
      expect(again.status).toBe(200);
      expect((await tokensOf(again)).refreshToken).toBe(refreshToken);
      const next = await refresh(world, refreshToken);
      expect(next.status).toBe(200);
      expect((await tokensOf(next)).refreshToken).not.toBe(refreshToken);
    },
    'a session can be ended': async (world, { cookie = '' }) => {
      expect((await world.request('/auth/sign-out', { method: 'POST', headers: { cookie } })).status).toBe(204);
      expect((await look(world, { cookie })).status).toBe(401);
    },
    'a hashed password signs in': async (world) => {
      expect((await signIn(world, people.reader)).status).toBe(200);
    },
    'a one-time code either signs in or is refused as ended': async (world, given: Given) => {
      const response = await world.request('/auth/verify', {
        headers: { cookie: `__Host-challenge=${given['challenge']}` },
        json: { code: given['code'] },
      });
      const answer = (await response.json()) as { code?: string; user?: { email: string } };
      if (response.status === 200) expect(answer.user?.email).toBe(people.coder);
      else expect({ status: response.status, code: answer.code }).toEqual({ status: 401, code: 'CODE_OVER' });
    },
  },
};
