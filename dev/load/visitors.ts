/** Users who have signed in to the demo, as their browsers send requests. */
import { demoPassword, demoTenants } from '../../prisma/demo.ts';
import type { Rows } from './actions.ts';
import type { Tally } from './tally.ts';

/** Sends a request to the application. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** A user with a session, and the rows that this user may see. */
export interface Visitor {
  rows: Rows;
  send: Send;
}

/**
 * The users who sign in, one of each demo tenant. An owner could not: their second factor accepts a code only once, and
 * the person at the browser needs it.
 */
export const demoVisitors = demoTenants.map((tenant) => ({
  email: `member@${tenant}.example`,
  password: demoPassword.text,
}));

/** The error of a demo user who cannot sign in, or sees no rows. */
export class NoDemoDataError extends Error {
  override readonly name = 'NoDemoDataError';
  readonly code = 'NO_DEMO_DATA';
}

/**
 * Signs a user in and reads the first rows. 4 requests, which the tally counts.
 * @throws {NoDemoDataError}
 */
export async function signIn(
  { send, origin, tally }: { send: Send; origin: string; tally: Tally },
  credentials: { email: string; password: string },
): Promise<Visitor> {
  const headers = { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  const answer = await tally.counted('POST /auth/sign-in', () =>
    send('/auth/sign-in', { method: 'POST', headers, body: JSON.stringify(credentials) }),
  );
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  if (answer.status !== 200 || cookie === '') {
    throw new NoDemoDataError(`${credentials.email} cannot sign in: the answer is ${answer.status}`);
  }
  const visitor: Send = (path, init) => send(path, { ...init, headers: { ...headers, cookie } });

  async function idsOf(list: keyof Rows): Promise<string[]> {
    const page = await tally.counted(`GET /${list}`, () => visitor(`/${list}?limit=100`, { method: 'GET' }));
    const { items = [] } = (await page.json()) as { items?: { id: string }[] };
    if (items.length === 0) throw new NoDemoDataError(`${credentials.email} sees no ${list}`);
    return items.map(({ id }) => id);
  }
  return {
    rows: { companies: await idsOf('companies'), contacts: await idsOf('contacts'), deals: await idsOf('deals') },
    send: visitor,
  };
}
