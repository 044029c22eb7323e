/** 10,000 damaged session tokens, cookies and refresh tokens, up to Redis: none is accepted, and nothing changes. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  parseRefreshToken,
  parseSessionToken,
  readSessionCookie,
  serializeSessionCookie,
} from '../../../src/platform/sessions/index.ts';
import { mutated } from '../../support/mutated.ts';
import { startRest } from '../../support/rest.ts';
import { createIsolate, fieldsOf, newTenant } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const RUNS = 10_000;
const AT_ONCE = 250;

/** Damaged forms of a text, in batches that share requests. */
function bunches(text: string): string[][] {
  const texts = fc.sample(mutated(text), RUNS);
  return Array.from({ length: RUNS / AT_ONCE }, (_, index) => texts.slice(index * AT_ONCE, (index + 1) * AT_ONCE));
}

test('session tokens and cookies', async () => {
  const tenant = newTenant();
  const one = createIsolate({ rest: redis.rest, tenant });
  const { session, token } = await one.signIn({ data: 1 });
  const before = await fieldsOf(one, tenant, session.bucket);
  const headerOf = (text: string) => `a=b; ${serializeSessionCookie(token).split(';')[0]?.replace(token, text)}; c=d`;
  let asked = 0;
  for (const texts of bunches(token)) {
    await Promise.all(
      texts.map(async (text) => {
        const read = readSessionCookie(headerOf(text));
        for (const each of [text, ...(read === null || read === token ? [] : [read])]) {
          const parts = parseSessionToken(each);
          if (parts) asked += 1;
          if (parts) expect(await one.sessions.validate(parts)).toBeNull();
        }
      }),
    );
  }
  // Otherwise only the parser was tested.
  expect(asked).toBeGreaterThan(200);
  expect(await fieldsOf(one, tenant, session.bucket)).toEqual(before);
  expect(await one.who(token)).not.toBeNull();
});

test('refresh tokens', async () => {
  const tenant = newTenant();
  const one = createIsolate({ rest: redis.rest, tenant });
  const { tokens } = await one.issue();
  let asked = 0;
  for (const texts of bunches(tokens.refreshToken)) {
    await Promise.all(
      texts.map(async (text) => {
        const parts = parseRefreshToken(text);
        if (parts) asked += 1;
        if (parts) expect(await one.tokens.refresh(parts)).toEqual({ kind: 'invalid' });
      }),
    );
  }
  expect(asked).toBeGreaterThan(200);
  const parts = parseRefreshToken(tokens.refreshToken);
  expect(parts && (await one.tokens.refresh(parts)).kind).toBe('rotated');
});
