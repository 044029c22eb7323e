/**
 * The main guarantee of the CRM: no write leaves a cached answer stale. Every readable path is read until it is a hit
 * on two instances; one of them writes; then the other must give the same answer at every path as an instance that
 * reads the database. Each write also names the paths that it changes and those that must stay cached (`writes.ts`).
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createInstance, createTruth, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { createWorld, crmOperations, readAll, readablePaths, setToNoon, type World } from './world.ts';
import { writes } from './writes.ts';

let tenant: OwnTenant;
let writer: Instance;
let reader: Instance;
let truth: Instance;
let world: World;
let paths: string[];

beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  [writer, reader, truth] = await Promise.all([
    createInstance({ tenant }),
    createInstance({ tenant }),
    createTruth({ tenant }),
  ]);
  setToNoon(writer, reader, truth);
  world = await createWorld(writer, tenant);
  // Users are counted in Redis and their usage is not cached, so an instance without Redis has no truth about it.
  paths = (await readablePaths(writer, world)).filter((path) => path !== '/analytics/usage');
});
afterAll(() => Promise.all([writer.close(), reader.close(), truth.close()]));

/** Reads every path, and those that are no hits once more. Most are hits, because the previous test has read them. */
async function readUntilHits() {
  const answers = await readAll(reader, paths);
  const again = await readAll(
    reader,
    paths.filter((path) => answers.get(path)?.cache !== 'HIT'),
  );
  return new Map([...answers, ...again]);
}

// In order: each write uses the rows of the previous one, and the last test checks all of them.
describe('no write leaves any cached answer stale', { shuffle: false }, () => {
  test.each(writes)('$name', async ({ run, changes, keeps }) => {
    const warm = await readUntilHits();
    expect(paths.filter((path) => warm.get(path)?.cache !== 'HIT')).toEqual([]);

    await run({ writer, world });

    const cached = await readAll(reader, paths);
    const fresh = await readAll(truth, paths);
    const stale = paths.filter((path) => cached.get(path)?.text !== fresh.get(path)?.text);
    const at = (path: string) => ({ path, cached: cached.get(path)?.text, fresh: fresh.get(path)?.text });
    expect(stale.map(at)).toEqual([]);
    const changed = paths.filter((path) => fresh.get(path)?.text !== warm.get(path)?.text);
    expect(changed).toEqual(expect.arrayContaining(changes({ writer, world })));
    const kept = paths.filter((path) => cached.get(path)?.cache === 'HIT');
    expect(kept).toEqual(expect.arrayContaining(keeps({ writer, world })));
  });

  test('the list has every write of the API', async () => {
    const described = (await crmOperations(writer)).filter(({ method }) => method !== 'GET');
    expect(described.length).toBeGreaterThan(15);
    const kinds = described.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '*')}`);
    const written = writer.lines
      .map((line) => JSON.parse(line) as { message?: string; method?: string; path?: string })
      .filter(({ method }) => method !== undefined && method !== 'GET')
      .map(({ method, path = '' }) => `${method} ${path.replaceAll(/\/(\w+_[\w-]+)/g, '/*')}`);
    // Needs a user, but the writer is a key; the route calls the same function as PATCH /users/{id}.
    const ofPersons = ['PATCH /me'];
    // These compute cached values from the rows again, and change no row.
    const refreshes = kinds.filter((kind) => /^POST \/analytics\/.*\/refresh$/.test(kind));
    expect(kinds.filter((kind) => !written.includes(kind))).toEqual([...ofPersons, ...refreshes]);
  });
});
