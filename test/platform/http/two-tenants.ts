/**
 * The API for an attacker: every operation of its OpenAPI document, a tenant with a row of each kind, and another
 * tenant whose rows must never be visible. Each test file has its own two tenants.
 */
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { createInstance, expectNoSecrets, type Instance, write } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { collections, describedOperations, type Operation, smallestBody } from './described-api.ts';
import { problemOf } from './problem.ts';

/** Rows that have numbers within another row, and a valid number. */
const NUMBERED: Readonly<Record<string, string>> = { parts: '1' };

/** A text in every row of the other tenant. */
export const MARK = 'Theirs-9f3c';

/** The tenants and their instances. */
interface Both {
  tenant: OwnTenant;
  other: OwnTenant;
  app: Instance;
  theirs: Instance;
  operations: Operation[];
  /** The operations of the care area, whose rows only people see: a key with all other rights opens none of them. */
  care: Operation[];
  /** Ids of the other tenant's rows, by the name of the field that may refer to them. */
  foreign: Record<string, string>;
  /** Ids of our own rows, by their collection: `deals`. */
  own: Record<string, string>;
}

/** Creates the tenants before the file's tests. They are not available outside tests. */
export function twoTenants() {
  let made: Both | undefined;
  beforeAll(async () => {
    made = await makeBoth();
  });
  afterAll(async () => {
    if (!made) return;
    const { tenant, other, app, theirs } = made;
    expectNoSecrets([...app.lines, ...theirs.lines], tenant, other);
    await Promise.all([app.close(), theirs.close()]);
  });
  const both = (): Both => {
    if (!made) throw new Error('There are tenants only while tests run');
    return made;
  };

  /**
   * The path of an operation on our own rows, optionally with one parameter replaced: `/deals/{id}` is a deal of ours,
   * `/me/lists/{list}` a list, and any other parameter our user.
   */
  function pathOf({ path }: Operation, replaced: Record<string, string> = {}): string {
    const { own, tenant } = both();
    return path.replace(/([\w-]+)\/\{(\w+)\}/g, (_all, before: string, name: string) => {
      const mine = own[before] ?? NUMBERED[before] ?? (name === 'id' ? undefined : tenant.userId);
      return `${before}/${replaced[name] ?? mine ?? 'none'}`;
    });
  }

  return {
    both,
    pathOf,
    withBody: () => both().operations.filter(({ body }) => body !== undefined),
    /** Each operation with each of its id parameters, and the valid form of that id. */
    withId: () =>
      both().operations.flatMap((operation) =>
        operation.parameters
          .filter((each) => each.in === 'path' && each.schema.pattern)
          .map(({ name, schema }) => ({ operation, name, isFit: new RegExp(schema.pattern ?? '') })),
      ),
    withQuery: () => both().operations.filter(({ parameters }) => parameters.some((each) => each.in === 'query')),
    guarded: () => both().operations.filter((operation) => operation.guarded),
    /** Sends an operation with this body, or with the smallest valid one. */
    send(operation: Operation, path: string, body?: unknown, init: Parameters<Instance['request']>[1] = {}) {
      // At most six requests come in a minute of the app's clock, so no limit on an operation answers.
      both().app.clock.ahead += 10_000;
      const json = body === undefined ? operation.body && smallestBody(operation.body) : body;
      const { method, mediaType } = operation;
      const other = mediaType && { headers: { 'content-type': mediaType }, body: 'x' };
      return both().app.request(path, { method, ...(json === undefined ? other : { json }), ...init });
    },
  };
}

async function makeBoth(): Promise<Both> {
  const { url } = inject('cloud').postgres;
  const [tenant, other] = [await createTenant(url), await createTenant(url)];
  const [app, theirs] = await Promise.all([createInstance({ tenant }), createInstance({ tenant: other })]);
  const described = (await describedOperations(app)).filter(({ path }) => !path.startsWith('/auth/'));
  // Records are for people, and the attacker here has a key; test/platform/care/bad-input.test.ts has two clinics, and
  // sends each of these operations with rows of the other one.
  const care = described.filter(({ path }) => path.startsWith('/care/'));
  const operations = described.filter((operation) => !care.includes(operation));
  const own: Record<string, string> = { users: tenant.userId, lists: 'deals', drafts: 'new-deal' };
  const foreign = Object.fromEntries(['ownerId', 'assigneeId', 'userId'].map((name) => [name, other.userId]));
  for (const { path, singular, body } of collections(operations)) {
    // The smallest address is not public.
    const smallest = {
      ...smallestBody(body),
      ...(body.properties?.['url'] ? { url: 'https://hooks.example.com' } : {}),
    };
    const marked =
      ['title', 'name', 'url'].find((name) => body.properties?.[name]) ?? expect.fail(`${path} has no text`);
    const mark = marked === 'url' ? `https://hooks.example.com/${MARK}` : MARK;
    foreign[`${singular}Id`] = (await write(theirs, 'POST', path, { ...smallest, [marked]: mark })).id;
    own[path.slice(1)] = (await write(app, 'POST', path, smallest)).id;
  }
  return { tenant, other, app, theirs, operations, care, foreign, own };
}

/** Checks that the answer is a problem of this field. */
export async function expectField(response: Response, field: string, what: string): Promise<void> {
  const { errors, status } = await problemOf(response, what);
  expect([400, 409], what).toContain(status);
  expect(
    errors?.map((each) => each.field.split('.')[0]),
    what,
  ).toContain(field);
}
