/** Users who have signed in to the demo, as their browsers send requests. */
import { TOTP } from 'otpauth';
import { demoFactor, demoPassword, demoTenants } from '../../prisma/demo.ts';
import type { Rows } from './actions.ts';
import type { Tally } from './tally.ts';

/** Sends a request to the application. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** A user with a session, and the rows that this user may see. */
export interface Visitor {
  rows: Rows;
  send: Send;
}

interface Credentials {
  email: string;
  password: string;
}

/** The time in which the app of the demo shows one code, in ms. */
const STEP_MS = 30_000;

/** The owners of the demo tenants. Their right `limits:bypass` lets all requests of a load pass. */
export const demoOwners = demoTenants.map((tenant) => ({
  email: `owner@${tenant}.example`,
  password: demoPassword.text,
}));

/** The error of a demo user who cannot sign in, or sees no rows. */
export class NoDemoDataError extends Error {
  override readonly name = 'NoDemoDataError';
  readonly code = 'NO_DEMO_DATA';
}

/** The services of a sign-in. `now` returns the time in ms since the epoch. */
interface SignInServices {
  send: Send;
  origin: string;
  tally: Tally;
  now?: () => number;
}

/**
 * Signs a user in, with the app of the demo if the user has a second factor, and reads the first rows. 4 to 6 requests,
 * which the tally counts.
 * @throws {NoDemoDataError}
 */
export async function signIn(services: SignInServices, credentials: Credentials): Promise<Visitor> {
  const { send, origin, tally } = services;
  const headers = { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  const session = await openSession(services, headers, credentials);
  const visitor: Send = (path, init) => send(path, { ...init, headers: { ...headers, cookie: cookiesOf(session) } });

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

/** Sends the password and, if the answer asks for it, a code of the app. Returns the answer with the session's cookie. */
async function openSession(
  { send, tally, now = Date.now }: SignInServices,
  headers: Record<string, string>,
  credentials: Credentials,
): Promise<Response> {
  const post = (path: string, body: object, cookie = '') =>
    tally.counted(`POST ${path}`, () =>
      send(path, { method: 'POST', headers: { ...headers, cookie }, body: JSON.stringify(body) }),
    );
  const answer = await post('/auth/sign-in', credentials);
  if (answer.status === 200) return answer;
  // The service accepts a code once, and also the code of the next step, in case of a clock that is fast.
  for (const aheadMs of answer.status === 403 ? [0, STEP_MS] : []) {
    const code = new TOTP({ secret: demoFactor.secret }).generate({ timestamp: now() + aheadMs });
    const proved = await post('/auth/factor', { code }, cookiesOf(answer));
    if (proved.status === 200) return proved;
    if (proved.status !== 401) throw refused(credentials, proved);
  }
  throw refused(credentials, answer);
}

function refused({ email }: Credentials, { status, headers }: Response): NoDemoDataError {
  const seconds = headers.get('retry-after');
  const later = seconds === null ? '' : `; try again in ${seconds} s`;
  return new NoDemoDataError(`${email} cannot sign in: the answer is ${status}${later}`);
}

/** The cookies that an answer sets, in the form of a request's header. */
function cookiesOf({ headers }: Response): string {
  return headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}
