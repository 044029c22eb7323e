/** The common parts of the `/auth` suites: an app with its own clock and faults, users, and their mails. */
import { inject } from 'vitest';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { createTestQueue } from '../../../src/platform/jobs/testing.ts';
import { APP_URL, createTestApp } from '../../support/app.ts';
import { newClientAddress } from '../../support/client-address.ts';
import { type FaultyRedis, faultyRedis } from '../../support/faulty-redis.ts';
import { addPerson, createBrowser, type PersonOptions, signInAs } from '../../support/people.ts';
import { addKey, createTenant } from '../../support/tenant.ts';

type QueueVariable = 'APP_URL' | 'QSTASH_URL' | 'QSTASH_CURRENT_SIGNING_KEY';

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(environment: Record<string, string> = {}) {
  const cloud = inject('cloud');
  const { mail } = cloud;
  const database = environment['DATABASE_URL'] ?? cloud.postgres.url;
  const variables = appVariables(cloud, APP_URL) as { [Name in QueueVariable]: string };
  const redis: FaultyRedis = faultyRedis();
  const sent: string[] = [];
  const bodies: string[] = [];
  const clock = { ahead: 0 };
  const now = () => Date.now() + clock.ahead;
  const queue = createTestQueue({ environment: variables, now });
  const app = createTestApp({
    fetch: redis.fetch,
    outbound(input, init) {
      sent.push(String(input));
      bodies.push(init?.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : String(init?.body ?? ''));
      return queue.fetch(input, init);
    },
    environment,
    system: { now, redisAhead: () => clock.ahead },
  });
  const tenant = await createTenant(database);
  const send = (path: string, init: RequestInit) => app.app.request(path, init);

  return {
    ...app,
    redis,
    /** The URLs of requests to other services than Redis. */
    sent,
    /** The bodies of these requests: mails, messages to QStash, traces. */
    bodies,
    clock,
    tenant,
    database,
    /** A key of a tenant with all rights. */
    keyOf: (id: string) => addKey(database, id, { rights: ['*'] }),
    person: (options: PersonOptions = {}) => addPerson(database, tenant.id, options),
    /** A browser with a client address of its own. */
    browser() {
      return createBrowser(send, {
        'x-test-client-ip': newClientAddress(),
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
      });
    },
    /** A browser in which a user has signed in. */
    async signedIn(options: PersonOptions = {}) {
      const person = await addPerson(database, tenant.id, options);
      const browser = this.browser();
      const response = await signInAs(browser, person);
      if (response.status !== 200) throw new Error(`Not signed in: ${response.status} ${await response.text()}`);
      return { person, browser };
    },
    /** The mails to an address, including those of jobs, newest first. */
    async mails(to: string): Promise<{ subject: string; text: string }[]> {
      await queue.drain(app.app);
      const messages = (await (await fetch(`${mail.url}/messages`)).json()) as {
        to: string[];
        subject: string;
        text: string;
      }[];
      return messages.filter((message) => message.to.includes(to));
    },
    /** The last code mailed to an address. */
    async code(to: string): Promise<string> {
      const codes = (await this.mails(to)).flatMap(({ text }) => /\b\d{8}\b/.exec(text)?.[0] ?? []);
      const [code] = codes;
      if (code === undefined) throw new Error(`No code was mailed to ${to}`);
      return code;
    },
  };
}

/** The code and status of a problem. */
export async function problemOf(response: Response): Promise<{ status: number; code: string }> {
  const { code } = (await response.json()) as { code: string };
  return { status: response.status, code };
}
