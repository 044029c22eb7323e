/** A browser of a drill: it signs in as the owner, and sends its cookies. */
import type { Asked, World } from './world.ts';

/** A browser that is signed in. */
export interface DrillBrowser {
  cookie: string;
  request(path: string, asked?: Asked): Promise<Response>;
}

const ORIGIN = { origin: 'http://drill.test', 'sec-fetch-site': 'same-origin' };

/**
 * Signs the owner in.
 * @throws an error with the status, if the sign-in is refused.
 */
export async function signIn(world: World): Promise<DrillBrowser> {
  const { email, password } = world.tenant;
  const response = await world.request('/auth/sign-in', { json: { email, password }, headers: ORIGIN });
  if (response.status !== 200) throw new Error(`The sign-in was refused: ${response.status}`);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  return {
    cookie,
    request: (path, asked = {}) => world.request(path, { ...asked, headers: { ...ORIGIN, cookie, ...asked.headers } }),
  };
}

/** Signs the owner in as a program, and returns the refresh token. */
export async function signInForTokens(world: World): Promise<string> {
  const { email, password } = world.tenant;
  const response = await world.request('/auth/sign-in', { json: { email, password, as: 'tokens' }, headers: {} });
  if (response.status !== 200) throw new Error(`The sign-in was refused: ${response.status}`);
  return ((await response.json()) as { refreshToken: string }).refreshToken;
}
