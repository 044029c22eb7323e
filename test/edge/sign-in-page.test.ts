/** The mailed link of an invitation, and a mailed code, used in a browser without scripts where the app is deployed. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createWorld, type World } from '../platform/auth/world.ts';
import { startTestLambda } from '../support/lambda.ts';
import { open, press } from '../support/pages.ts';
import { createBrowser } from '../support/people.ts';
import { startTestWorker } from '../support/worker.ts';

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

let world: World;
const hosts: Record<string, { fetch: Fetch; close(): Promise<void> }> = {};
beforeAll(async () => {
  world = await createWorld();
  hosts['worker'] = await startTestWorker(inject('cloud'));
  hosts['lambda'] = await startTestLambda(inject('cloud'));
});
afterAll(() => Promise.all([world.close(), ...Object.values(hosts).map((host) => host.close())]));

function browserOn(name: string) {
  const host = hosts[name] ?? expect.fail('There is no such host');
  return createBrowser(host.fetch);
}

describe.each(['worker', 'lambda'])('on %s', (name) => {
  test('the link of an invitation leads to a page with a session of the invited user', async () => {
    const { browser: inviter } = await world.signedIn({ role: 'admin' });
    const email = `guest-${name}-${Date.now()}@people.example`;
    await inviter.request('/auth/invitations', { json: { email, name: 'Guest', role: 'member' } });
    const [mail] = await world.mails(email);
    const link = new URL(/http\S+\/sign-in\S+/.exec(mail?.text ?? '')?.[0] ?? expect.fail('The mail has no link'));

    const browser = browserOn(name);
    const page = await open(browser, link.pathname + link.search);
    expect(page).toMatchObject({ status: 200, path: link.pathname + link.search });
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.html).not.toContain('<script');
    const welcome = await press(browser, page, 'Accept and sign in');
    expect(welcome).toMatchObject({ status: 200, path: '/welcome' });
    for (const shown of [email, world.tenant.id]) expect(welcome.html).toContain(shown);
    expect([...browser.cookies.keys()]).toEqual(['__Host-session']);
    expect(await (await browser.request('/auth/session')).json()).toMatchObject({ tenant: world.tenant.id });

    const used = await press(browser, page, 'Accept and sign in');
    expect(used).toMatchObject({ status: 401, path: '/sign-in/invitation' });
    expect(used.headers.get('content-type')).toMatch(/^text\/html/);
  });

  test('the page reports a wrong password, and the right password signs in', async () => {
    const { email, password } = await world.person();
    const browser = browserOn(name);
    const page = await open(browser, '/welcome');
    expect(page).toMatchObject({ status: 200, path: '/sign-in' });
    const wrong = await press(browser, page, 'Sign in', { email, password: 'not the password' });
    expect(wrong.status).toBe(401);
    const welcome = await press(browser, wrong, 'Sign in', { email, password });
    expect(welcome).toMatchObject({ status: 200, path: '/welcome' });
    expect(await press(browser, welcome, 'Sign out')).toMatchObject({ status: 200, path: '/sign-in' });
    expect(browser.cookies.size).toBe(0);
  });
});
