/** Users of a test's own tenant, with passwords that are quick to check, and their browsers. */
import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '../../src/identity/index.ts';
import { hashPassword } from '../../src/platform/passwords/index.ts';
import { APP_URL } from './app.ts';
import { logRecord } from './log-record.ts';
import { QUICK } from './password-cost.ts';
import { sql } from './tenant.ts';

export interface Person {
  id: string;
  email: string;
  password: string;
  /** Unused recovery codes, if the user has a second factor. */
  recoveryCodes: string[];
}

export interface PersonOptions {
  role?: Role;
  email?: string;
  /** `null`: the user has no password. */
  password?: string | null;
  verified?: boolean;
  disabled?: boolean;
  /** The user has a second factor: an app whose codes no test knows, and recovery codes. Default `false`. */
  factor?: boolean;
}

/** Adds a user to a tenant. */
export async function addPerson(
  connectionString: string,
  tenant: string,
  options: PersonOptions = {},
): Promise<Person> {
  const id = `user_${randomBytes(8).toString('hex')}`;
  const { role = 'member', email = `${id}@people.example`, verified = true, disabled = false } = options;
  const password =
    options.password === undefined ? `pass ${randomBytes(12).toString('hex')}` : (options.password ?? '');
  const hash = options.password === null ? null : await hashPassword(password, QUICK);
  logRecord().secret('password', password);
  if (hash !== null) logRecord().secret('hash of a password', hash);
  const now = new Date();
  await sql(
    connectionString,
    `INSERT INTO users (tenant_id, id, email, name, role, password_hash, verified_at, disabled_at, updated_at)
     VALUES ($1, $2, $3, 'Some Person', $4::user_role, $5, $6, $7, now())`,
    [tenant, id, email, role, hash, verified ? now : null, disabled ? now : null],
  );
  const recoveryCodes = options.factor ? await addFactor(connectionString, tenant, id) : [];
  return { id, email, password, recoveryCodes };
}

/** Gives a user a second factor, and returns its recovery codes. */
async function addFactor(connectionString: string, tenant: string, id: string): Promise<string[]> {
  const codes = Array.from({ length: 4 }, () => randomBytes(16).toString('base64url'));
  for (const code of codes) logRecord().secret('recovery code', code);
  const digests = codes.map((code) => createHash('sha256').update(code).digest('hex'));
  await sql(
    connectionString,
    `WITH confirmed AS (UPDATE users SET factor_at = now() WHERE tenant_id = $1 AND id = $2),
       app AS (INSERT INTO totp_devices (tenant_id, user_id, secret) VALUES ($1, $2, 'none'))
     INSERT INTO recovery_codes (tenant_id, user_id, digest) SELECT $1, $2, unnest($3::text[])`,
    [tenant, id, digests],
  );
  return codes;
}

/** Signs a user in with the password, and proves the second factor if the user has one. Returns the last answer. */
export async function signInAs(browser: Browser, { email, password, recoveryCodes }: Person): Promise<Response> {
  const answer = await browser.request('/auth/sign-in', { json: { email, password } });
  const recoveryCode = recoveryCodes.shift();
  if (recoveryCode === undefined) return answer;
  return browser.request('/auth/factor', { json: { recoveryCode } });
}

/** The options of a browser's request. */
type Send = (path: string, init: RequestInit) => Response | Promise<Response>;

export type Browser = ReturnType<typeof createBrowser>;

/** A browser on a page of the app: it keeps cookies and sends the origin of its requests. */
export function createBrowser(send: Send, headers: Record<string, string> = {}) {
  const cookies = new Map<string, string>();
  const cookieHeader = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    cookies,
    cookieHeader,
    async request(
      path: string,
      init: { method?: string; json?: unknown; form?: URLSearchParams; headers?: Record<string, string> } = {},
    ) {
      const { json, form } = init;
      const sent = form?.toString() ?? (json === undefined ? undefined : JSON.stringify(json));
      const { method = sent === undefined ? 'GET' : 'POST' } = init;
      const response = await send(path, {
        method,
        headers: {
          origin: APP_URL,
          'sec-fetch-site': 'same-origin',
          ...(cookies.size > 0 ? { cookie: cookieHeader() } : {}),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
          ...init.headers,
        },
        ...(sent === undefined ? {} : { body: sent }),
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/max-age=0/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return response;
    },
  };
}
