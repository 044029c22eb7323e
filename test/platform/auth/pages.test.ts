/** The sign-in pages, used without scripts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APP_URL } from '../../support/app.ts';
import { open, press } from '../../support/pages.ts';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** The path of the link in the newest mail to an address. */
async function mailedPath(email: string): Promise<string> {
  const [mail] = await world.mails(email);
  const link = new URL(/http\S+/.exec(mail?.text ?? '')?.[0] ?? expect.fail('The mail has no link'));
  expect(link.origin).toBe(APP_URL);
  return link.pathname + link.search;
}

async function invite() {
  const email = `guest-${crypto.randomUUID()}@people.example`;
  const json = { email, name: 'Guest & Co', role: 'member' };
  await world.request('/auth/invitations', { method: 'POST', json, key: world.tenant.keys.all });
  return { email, path: await mailedPath(email) };
}

describe('signing in with a password', () => {
  test('leads to the page of the signed-in user, where signing out leads back', async () => {
    const { email, password } = await world.person({ role: 'admin' });
    const browser = world.browser();
    const page = await open(browser, '/welcome');
    expect(page).toMatchObject({ status: 200, path: '/sign-in' });
    const welcome = await press(browser, page, 'Sign in', { email, password });
    expect(welcome).toMatchObject({ status: 200, path: '/welcome' });
    for (const shown of [email, world.tenant.id, 'Some Person', 'admin']) expect(welcome.html).toContain(shown);
    expect([...browser.cookies.keys()]).toEqual(['__Host-session']);
    const out = await press(browser, welcome, 'Sign out');
    expect(out).toMatchObject({ status: 200, path: '/sign-in' });
    expect(browser.cookies.size).toBe(0);
  });

  test('that is wrong is reported on the page with 401, and the form keeps all input but the password', async () => {
    const { email } = await world.person();
    const browser = world.browser();
    const page = await open(browser, '/sign-in');
    const again = await press(browser, page, 'Sign in', { email, password: 'not the password', tenant: 'some-tenant' });
    expect(again).toMatchObject({ status: 401, path: '/sign-in/password' });
    expect(again.html).toContain('role="alert"');
    expect(again.html).toContain(`value="${email}"`);
    expect(again.html).toContain('value="some-tenant"');
    expect(again.html).not.toContain('not the password');
    expect(browser.cookies.size).toBe(0);
  });

  test('for an unproven address leads to the page for the code', async () => {
    const { email, password } = await world.person({ verified: false });
    const browser = world.browser();
    const page = await open(browser, `/sign-in?tenant=${world.tenant.id}`);
    const codePage = await press(browser, page, 'Sign in', { email, password });
    expect(codePage).toMatchObject({ status: 200, path: '/sign-in/code' });
    const welcome = await press(browser, codePage, 'Sign in', { code: await world.code(email) });
    expect(welcome).toMatchObject({ status: 200, path: '/welcome' });
    expect(welcome.html).toContain('Set a password');
  });

  test('is limited, and the page says for how long', async () => {
    const browser = world.browser();
    const page = await open(browser, '/sign-in');
    let last = page;
    for (let tries = 0; tries < 11; tries += 1) {
      last = await press(browser, page, 'Sign in', { email: `n${tries}@people.example`, password: 'x' });
    }
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last.headers.get('content-type')).toMatch(/^text\/html/);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no address', { email: 'somebody', password: 'x' }, 'email'],
    ['no password', { email: 'a@people.example' }, 'password'],
    ['no slug', { email: 'a@people.example', password: 'x', tenant: 'No Slug' }, 'tenant'],
  ])('with %s is a 400 that names the field', async (_, values, field) => {
    const browser = world.browser();
    const again = await press(browser, await open(browser, '/sign-in'), 'Sign in', values);
    expect(again.status).toBe(400);
    expect(again.html).toContain(`<li>${field} `);
  });
});

describe('signing in with a code', () => {
  test('accepts the code with blanks and hyphens, and shows the remaining tries', async () => {
    const { email } = await world.person();
    const browser = world.browser();
    const page = await open(browser, `/sign-in?email=${encodeURIComponent(email)}`);
    const codePage = await press(browser, page, 'Mail me a code instead');
    expect(codePage).toMatchObject({ status: 200, path: '/sign-in/code' });
    const code = await world.code(email);
    const wrong = await press(browser, codePage, 'Sign in', { code: code === '00000000' ? '11111111' : '00000000' });
    expect(wrong.status).toBe(401);
    expect(wrong.html).toContain('4 more tries');
    const spelled = `${code.slice(0, 4)} - ${code.slice(4)}`;
    expect(await press(browser, wrong, 'Sign in', { code: spelled })).toMatchObject({ status: 200, path: '/welcome' });
  });

  test('works by the link that is mailed after too many codes, in the browser that asked', async () => {
    const { email } = await world.person();
    const ask = async () => {
      const browser = world.browser();
      await press(browser, await open(browser, '/sign-in'), 'Mail me a code instead', { email });
      return browser;
    };
    for (let asked = 0; asked < 20; asked += 1) await ask();
    world.clock.ahead += 1_000;
    const browser = await ask();
    const path = await mailedPath(email);
    expect(path).toMatch(/^\/sign-in\?code=[\w-]{22}$/);
    const other = world.browser();
    const refused = await press(other, await open(other, path), 'Sign in');
    expect(refused).toMatchObject({ status: 401, path: '/sign-in/code' });
    expect(await press(browser, await open(browser, path), 'Sign in')).toMatchObject({ status: 200, path: '/welcome' });
  });
});

describe('an invitation', () => {
  test('is accepted on the page that its mail links to, which also sets a password', async () => {
    const { email, path } = await invite();
    const browser = world.browser();
    const page = await open(browser, path);
    expect(page.status).toBe(200);
    expect(page.html).toContain(world.tenant.id);
    const welcome = await press(browser, page, 'Accept and sign in');
    expect(welcome).toMatchObject({ status: 200, path: '/welcome' });
    expect(welcome.html).toContain('Guest &amp; Co');

    const bad = await press(browser, welcome, 'Set password', { password: 'short' });
    expect(bad).toMatchObject({ status: 400, path: '/welcome/password' });
    expect(bad.html).toContain('<li>password must ');
    const password = 'a long enough passphrase';
    const set = await press(browser, bad, 'Set password', { password });
    expect(set).toMatchObject({ status: 200, path: '/welcome' });
    expect(set.html).toContain('Change password');
    expect((await world.browser().request('/auth/sign-in', { json: { email, password } })).status).toBe(200);
  });

  test('is not used up by opening the page with any method of a mail scanner', async () => {
    const { path } = await invite();
    for (const method of ['GET', 'HEAD', 'GET', 'OPTIONS']) await world.browser().request(path, { method });
    const browser = world.browser();
    expect(await press(browser, await open(browser, path), 'Accept and sign in')).toMatchObject({ path: '/welcome' });
    const again = await press(browser, await open(browser, path), 'Accept and sign in');
    expect(again).toMatchObject({ status: 401, path: '/sign-in/invitation' });
    expect(again.html).toContain('This invitation has ended');
    expect(again.html).toContain('Mail me a code instead');
  });
});

describe('a page', () => {
  test('has no script, is never cached or framed, and sends no referrer', async () => {
    const { path } = await invite();
    const browser = world.browser();
    const pages = await Promise.all(
      [path, '/sign-in', '/sign-in/code', '/sign-in?code=12345678'].map((each) => open(browser, each)),
    );
    pages.push(await press(browser, pages[0] ?? expect.fail(), 'Accept and sign in'));
    for (const { html, headers, status } of pages) {
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/html; charset=UTF-8');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('strict-origin');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
      expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:/i);
      for (const [, address = ''] of html.matchAll(/\s(?:href|src|action|formaction)="([^"]*)"/g)) {
        expect(address).toMatch(/^\/(?!\/)/);
      }
    }
    const style = await world.app.request('/sign-in/style.css');
    expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(style.headers.get('cache-control')).toBe('public, max-age=3600');
  });

  test('is opened without Redis and PostgreSQL', async () => {
    const { path } = await invite();
    for (const each of [path, '/sign-in?tenant=acme&email=a@people.example', '/sign-in/code']) {
      const response = await world.browser().request(each);
      expect(response.headers.get('server-timing')).toMatch(/desc="0 requests, 0 commands".*desc="0 queries"/);
    }
  });

  test('shows no query parameter of an invalid form', async () => {
    const hostile = '"><script>alert(1)</script>';
    for (const name of ['tenant', 'email', 'invitation', 'code']) {
      const query = new URLSearchParams({ tenant: 'acme', [name]: hostile });
      const { html } = await open(world.browser(), `/sign-in?${query}`);
      expect(html).not.toContain('alert(1)');
    }
    const typed = await press(world.browser(), await open(world.browser(), '/sign-in'), 'Sign in', {
      email: hostile,
      tenant: hostile,
      password: hostile,
    });
    expect(typed.status).toBe(400);
    expect(typed.html).toContain('&quot;&gt;&lt;script&gt;');
    expect(typed.html).not.toContain('<script');
  });

  test('of another site cannot submit our forms', async () => {
    const { email, password } = await world.person();
    const form = new URLSearchParams({ email, password });
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site', origin: 'https://sister.app.test' },
      { 'sec-fetch-site': 'cross-site', origin: 'null' },
    ]) {
      const response = await world.browser().request('/sign-in/password', { form, headers });
      expect(response.status).toBe(403);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
  });

  test.each(['/sign-in/password', '/sign-in/send-code', '/sign-in/invitation'])(
    '%s opened by GET leads to the form',
    async (path) => {
      expect(await open(world.browser(), path)).toMatchObject({ status: 200, path: '/sign-in' });
    },
  );

  test('of a user disabled meanwhile leads to the form', async () => {
    const { browser, person } = await world.signedIn();
    await world.request(`/users/${person.id}`, {
      method: 'PATCH',
      json: { disabled: true },
      key: world.tenant.keys.all,
    });
    expect(await open(browser, '/')).toMatchObject({ status: 200, path: '/sign-in' });
  });

  test('refuses an API key, which has no session', async () => {
    const response = await world.request('/welcome', { key: world.tenant.keys.all });
    expect(await problemOf(response)).toEqual({ status: 403, code: 'NOT_A_PERSON' });
  });
});
