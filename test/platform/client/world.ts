/** A tenant, its people, and their clients, whose answers are held against the OpenAPI document. */
import { inject } from 'vitest';
import { z } from 'zod';
import { createHoldfast, type Holdfast, type HoldfastOptions } from '../../../clients/typescript/src/index.ts';
import { jobs } from '../../../src/app/background.ts';
import { type Role, roles } from '../../../src/identity/index.ts';
import { createSchedules, fatal, job, schedule } from '../../../src/platform/jobs/index.ts';
import { APP_URL } from '../../support/app.ts';
import { openJobWorld } from '../../support/job-world.ts';
import { addPerson, createBrowser } from '../../support/people.ts';
import { createContract } from './contract.ts';
import { createCosts } from './costs.ts';

const input = z.object({});
/** A job that waits until its time has come. */
export const waiting = job('client.waiting', { input, queue: 'client', concurrency: 2, run: async () => {} });
/** A job that has no attempts left after its first run. */
export const dying = job('client.dying', { input, retries: 0, run: async () => fatal('NO_SUCH_BOAT') });
export const nightly = schedule('client.nightly', { cron: '30 4 * * *', run: async () => ({}) });

export type ClientWorld = Awaited<ReturnType<typeof openClientWorld>>;

/** Opens the world. Nothing else uses its Redis and its database, so operations of the whole service harm no other test. */
export async function openClientWorld() {
  const world = await openJobWorld([...jobs.values(), waiting, dying], createSchedules([nightly]));
  const { tenant, connectionString } = world;
  const { test } = world.app;
  Object.assign(test.platform.scope().environment, { OPERATOR_TENANT: tenant.id });
  const contract = createContract((await (await test.request('/openapi.json')).json()) as object);
  const costs = createCosts(world);
  // The first calls of an app find no record of its API key, and learn what the server knows.
  await test.request('/companies', { method: 'POST', key: tenant.keys.all, json: { name: 'First' } });
  await test.request('/health/ready');
  const people = new Map<string, string>();

  /** Sends to the app, and notes the answer and the cost. */
  const send: typeof fetch = async (url, init) => {
    const method = init?.method ?? 'GET';
    const response = await costs.send(contract.idOf(String(url), method), String(url), init ?? {});
    await contract.note(String(url), method, response);
    return response;
  };
  const client = (options: HoldfastOptions = {}): Holdfast =>
    createHoldfast({ baseUrl: APP_URL, fetch: send, retries: 0, ...options });

  /** A client of a new user with this role. */
  async function clientOf(name: string, role: Role): Promise<Holdfast> {
    const { id } = await addPerson(connectionString, tenant.id, { role, password: null });
    people.set(name, id);
    const scope = test.platform.scope();
    const { tokens, sessions } = scope.tenant(tenant.id);
    const proof = { methods: ['pwd', 'totp'], provesFactor: true };
    const issued = await tokens.issue({ userId: id, role, ...proof }, await sessions.readEpochs(id));
    await scope.end();
    if (!('tokens' in issued)) throw new Error(`Not signed in: ${issued.kind}`);
    return client({ tokens: issued.tokens });
  }
  const staff = Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, await clientOf(role, role)] as const)),
  ) as Record<Role, Holdfast>;

  return {
    ...world,
    contract,
    costs,
    client,
    clientOf,
    /** A client of each role. */
    staff,
    /** A client with an API key that has all rights of the CRM and of operators. */
    program: client({ apiKey: tenant.keys.all }),
    idOf: (name: string) => people.get(name) ?? '',
    /** A client of a page, which sends the cookies of its browser. */
    page(): Holdfast {
      const browser = createBrowser((path, init) => send(APP_URL + path, init));
      return client({
        fetch: async (url, init = {}) => {
          const { pathname, search } = new URL(String(url));
          const { method = 'GET', body, headers } = init;
          return browser.request(pathname + search, {
            method,
            headers: headers as Record<string, string>,
            ...(typeof body === 'string' && { json: JSON.parse(body) }),
          });
        },
      });
    },
    /** The newest mail to an address, after all jobs have run. */
    async mailTo(address: string): Promise<string> {
      await world.advance(5_000);
      const { url } = inject('cloud').mail;
      const messages = (await (await fetch(`${url}/messages`)).json()) as { to: string[]; text: string }[];
      const [mail] = messages.filter(({ to }) => to.includes(address));
      if (!mail) throw new Error(`No mail to ${address}`);
      return mail.text;
    },
  };
}
