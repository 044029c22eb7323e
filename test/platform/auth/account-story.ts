/**
 * A story about one e-mail address, and a model of its right outcome. Two people act: the reader, who gets the mails of
 * the address and uses a browser and a program; and an attacker, who only knows the address. There are two tenants: the
 * honest `acme`, and `evil`, whose name sorts first and which either person may sign up.
 *
 * The model has the rules only, and shares no code with the app. Each act asks app and model and compares the answers.
 */
import { expect } from 'vitest';
import { createTenant, sql } from '../../support/tenant.ts';
import type { World } from './world.ts';

export type Where = 'acme' | 'evil';
/** The devices of the reader: a browser that keeps a session, a program that keeps tokens. */
export type Device = 'browser' | 'program';
export type Actor = 'attacker' | Device;

/** The account that the address has in a tenant. */
interface Account {
  from: 'sign-up' | 'invitation';
  /** The actor who signed the account up. */
  signedUpBy: Actor | null;
  proven: boolean;
  disabled: boolean;
  password: 'attacker' | 'reader' | null;
  /** The valid code of an invitation. */
  invitation: string | null;
  /** The step of the last sign-in. */
  lastUsed: number;
}

const PASSWORDS = { attacker: 'attacker chose this phrase 77', reader: 'the reader chose this one 88' };
const passwordOf = (actor: Actor) => (actor === 'attacker' ? 'attacker' : 'reader');

export type Story = Awaited<ReturnType<typeof beginStory>>;

/** Begins a story with a new address and two new tenants. */
export async function beginStory(world: World) {
  const acme = await createTenant(world.database);
  const email = `reader-${acme.id}@corp.example`;
  const slugs: Record<Where, string> = { acme: acme.id, evil: `aaa-${acme.id}` };
  const keys: Partial<Record<Where, string>> = { acme: acme.keys.all };
  const browsers = { attacker: world.browser(), browser: world.browser(), program: world.browser() };
  const accounts: Partial<Record<Where, Account>> = {};
  const inside: Partial<Record<Device, Where>> = {};
  const asked: Partial<Record<Actor, { where: Where | undefined; code: string | undefined }>> = {};
  const invitations: Partial<Record<Where, string>> = {};
  let tokens: { accessToken: string; refreshToken: string } | undefined;
  let evilIsTaken = false;
  let step = 0;
  let codesMailed = 0;

  const post = (actor: Actor, path: string, json: object) => browsers[actor].request(path, { json });
  const manage = (where: Where, method: string, path: string, json?: object) =>
    world.request(path, {
      method,
      key: keys[where] ?? expect.fail('The tenant has no key'),
      ...(json ? { json } : {}),
    });

  /** The tenant of the account that a code opens. */
  function chosen(where: Where | undefined): Where | undefined {
    const open = (Object.keys(accounts) as Where[]).filter((each) => accounts[each]?.disabled === false);
    if (where !== undefined) return open.find((each) => each === where);
    const used = (each: Where) => accounts[each]?.lastUsed ?? 0;
    const [proven] = open.filter((each) => accounts[each]?.proven).sort((a, b) => used(b) - used(a));
    if (proven) return proven;
    const invited = open.filter((each) => accounts[each]?.from === 'invitation');
    return invited.length === 1 ? invited[0] : undefined;
  }

  /** The code mailed to the address since the last call, if any. */
  async function newCode(): Promise<string | undefined> {
    const codes = (await world.mails(email)).flatMap(({ text }) => /\b\d{8}\b/.exec(text)?.[0] ?? []);
    const isNew = codes.length > codesMailed;
    codesMailed = codes.length;
    return isNew ? codes[0] : undefined;
  }

  async function invitationMailed(where: Where): Promise<void> {
    const links = (await world.mails(email)).flatMap(({ text }) => /http\S+invitation=\S+/.exec(text)?.[0] ?? []);
    const link = links.map((each) => new URL(each).searchParams).find((each) => each.get('tenant') === slugs[where]);
    const code = link?.get('invitation') ?? expect.fail('No invitation was mailed');
    invitations[where] = code;
    const account = accounts[where];
    if (account) account.invitation = code;
  }

  /** A person gets in. */
  async function enters(actor: Actor, where: Where, response: Response, readsMail: boolean): Promise<void> {
    const account = accounts[where] ?? expect.fail('There is no such account');
    if (actor === 'attacker') expect.fail('The attacker is in an account of the reader');
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { tenant: string } & NonNullable<typeof tokens>;
    expect(answer.tenant).toBe(slugs[where]);
    if (readsMail && !account.proven) {
      account.proven = true;
      account.invitation = null;
      if (account.signedUpBy !== actor) account.password = null;
    }
    account.lastUsed = step;
    inside[actor] = where;
    if (actor === 'program') tokens = answer;
  }

  const as = (actor: Actor) => ({ as: actor === 'program' ? 'tokens' : 'cookie' });

  const acts = {
    async signUp(actor: 'attacker' | 'browser') {
      const json = { company: 'A company', name: 'A person', email, tenant: slugs.evil };
      const response = await post(actor, '/auth/sign-up', { ...json, password: PASSWORDS[passwordOf(actor)] });
      expect(response.status).toBe(evilIsTaken ? 409 : 202);
      if (evilIsTaken) return;
      evilIsTaken = true;
      accounts.evil = { ...newAccount('sign-up'), signedUpBy: actor, password: passwordOf(actor) };
      asked[actor] = { where: 'evil', code: (await newCode()) ?? expect.fail('No code was mailed') };
    },

    /** The attacker proves an own address, and so has a tenant that may invite the reader. */
    async ownEvil() {
      if (evilIsTaken) return;
      evilIsTaken = true;
      const own = `attacker-${acme.id}@people.example`;
      const browser = world.browser();
      const json = { company: 'Evil', name: 'A', email: own, tenant: slugs.evil, password: PASSWORDS.attacker };
      await browser.request('/auth/sign-up', { json });
      const proven = await browser.request('/auth/verify', { json: { code: await world.code(own) } });
      expect(proven.status).toBe(200);
      keys.evil = await world.keyOf(slugs.evil);
    },

    async invite(where: Where) {
      if (!keys[where]) return;
      const json = { email, name: 'The reader', role: 'member' };
      const response = await manage(where, 'POST', '/auth/invitations', json);
      expect(response.status).toBe(accounts[where] ? 409 : 201);
      if (accounts[where]) return;
      accounts[where] = newAccount('invitation');
      await invitationMailed(where);
    },

    async inviteAgain(where: Where) {
      const account = accounts[where];
      if (!keys[where] || !account) return;
      const waits = !account.proven && !account.disabled && account.from === 'invitation';
      const response = await manage(where, 'POST', `/auth/invitations/${await userId(where)}/again`);
      expect(response.status).toBe(waits ? 202 : 409);
      if (waits) await invitationMailed(where);
    },

    async disable(where: Where, disabled: boolean) {
      const account = accounts[where];
      if (!keys[where] || !account) return;
      const response = await manage(where, 'PATCH', `/users/${await userId(where)}`, { disabled });
      expect(response.status).toBe(200);
      account.disabled = disabled;
      if (!disabled) return;
      account.invitation = null;
      for (const device of ['browser', 'program'] as const) if (inside[device] === where) delete inside[device];
    },

    async ask(actor: Actor, where: Where | undefined) {
      const response = await post(actor, '/auth/code', { email, ...named(where) });
      expect(response.status).toBe(202);
      const code = await newCode();
      expect(code !== undefined).toBe(chosen(where) !== undefined);
      asked[actor] = { where, code };
    },

    /** The reader enters the code mailed for this device. */
    async enter(device: Device) {
      const { where, code } = asked[device] ?? {};
      if (code === undefined) return;
      delete asked[device];
      const account = chosen(where);
      const response = await post(device, '/auth/verify', { code, ...as(device) });
      if (account === undefined) expect(response.status).toBe(401);
      else await enters(device, account, response, true);
    },

    async prove(device: Device, where: Where | undefined) {
      await acts.ask(device, where);
      await acts.enter(device);
    },

    async guess() {
      const response = await post('attacker', '/auth/verify', { code: '00000000' });
      expect(response.status).toBe(401);
    },

    async accept(device: Device, where: Where) {
      const invitation = invitations[where];
      if (invitation === undefined) return;
      const account = accounts[where];
      const response = await post(device, '/auth/invitations/accept', {
        tenant: slugs[where],
        invitation,
        ...as(device),
      });
      if (account?.invitation === invitation) await enters(device, where, response, true);
      else expect(response.status).toBe(401);
    },

    async signIn(actor: Actor, where: Where | undefined) {
      const password = passwordOf(actor);
      const fits = (each: Where) => {
        const account = accounts[each];
        return account?.password === password && !account.disabled && (account.proven || each === where);
      };
      const used = (each: Where) => accounts[each]?.lastUsed ?? 0;
      const [account] = (where ? [where] : (['acme', 'evil'] as const)).filter(fits).sort((a, b) => used(b) - used(a));
      const json = { email, password: PASSWORDS[password], ...named(where), ...as(actor) };
      const response = await post(actor, '/auth/sign-in', json);
      if (account === undefined) expect(response.status).toBe(401);
      else if (accounts[account]?.proven) await enters(actor, account, response, false);
      else {
        expect(response.status).toBe(403);
        asked[actor] = { where: account, code: (await newCode()) ?? expect.fail('No code was mailed') };
      }
    },

    async setPassword() {
      const account = inside.browser && accounts[inside.browser];
      if (!account) return;
      const current = account.password === null ? {} : { current: PASSWORDS[account.password] };
      const response = await post('browser', '/auth/password', { password: PASSWORDS.reader, ...current });
      expect(response.status).toBe(204);
      account.password = 'reader';
      if (inside.program === inside.browser) delete inside.program;
    },

    async refresh() {
      if (!tokens) return;
      const response = await post('program', '/auth/refresh', { refreshToken: tokens.refreshToken });
      expect(response.status).toBe(inside.program ? 200 : 401);
      if (inside.program) tokens = (await response.json()) as typeof tokens;
    },
  };

  async function userId(where: Where): Promise<string> {
    const rows = await sql<{ id: string }>(world.database, 'SELECT id FROM users WHERE tenant_id = $1 AND email = $2', [
      slugs[where],
      email,
    ]);
    return rows[0]?.id ?? expect.fail('There is no such user');
  }

  const named = (where: Where | undefined) => (where ? { tenant: slugs[where] } : {});

  return {
    acts,
    accounts,
    email,
    slugs,
    /** Lets time pass between two acts, so that limits of a minute do not matter. */
    next() {
      step += 1;
      world.clock.ahead += 10_000;
    },
    /** Checks that exactly the people in the model are signed in, and the attacker in no account. */
    async check() {
      const tenantOf = async (response: Response) =>
        response.status === 200 ? ((await response.json()) as { tenant: string }).tenant : undefined;
      const slug = (where: Where | undefined) => where && slugs[where];
      expect(await tenantOf(await browsers.attacker.request('/auth/session'))).toBeUndefined();
      expect(await tenantOf(await browsers.browser.request('/auth/session'))).toBe(slug(inside.browser));
      if (tokens) {
        const response = await world.request('/auth/session', { key: tokens.accessToken });
        expect(await tenantOf(response)).toBe(slug(inside.program));
      }
    },
  };
}

function newAccount(from: Account['from']): Account {
  return {
    from,
    signedUpBy: null,
    proven: false,
    disabled: false,
    password: null,
    invitation: null,
    lastUsed: 0,
  };
}
