/**
 * Proof that the matrix can fail: each test breaks one piece of the protocol, in the code or in a script, and the
 * exploration must find an order of steps in which an old value is served.
 */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { deleteEntries } from '../../src/platform/outbox/outbox-table.ts';
import { scriptNameOf } from '../support/script-names.ts';
import { NOON } from './model/noon.ts';
import { foundStale } from './model/proof.ts';
import { REFUSED, type Scenario } from './model/scenario.ts';

const broken = vi.hoisted(() => ({ versions: false, markers: false, refusals: false, look: false, kept: false }));

vi.mock('../../src/platform/cache/versions.ts', async (original) => {
  const real = await original<typeof import('../../src/platform/cache/versions.ts')>();
  return {
    ...real,
    compareVersions: (remembered: string, now: string | null) =>
      broken.versions ? 'same' : real.compareVersions(remembered, now),
    isChanging: (version: string) => !broken.markers && real.isChanging(version),
    areEnded: async (...args: Parameters<typeof real.areEnded>) => broken.look || real.areEnded(...args),
  };
});
vi.mock('../../src/platform/redis/errors.ts', async (original) => {
  const real = await original<typeof import('../../src/platform/redis/errors.ts')>();
  return { ...real, isRefusal: (error: unknown) => !broken.refusals && real.isRefusal(error) };
});
vi.mock('../../src/platform/outbox/outbox.ts', async (original) => {
  const real = await original<typeof import('../../src/platform/outbox/outbox.ts')>();
  return {
    ...real,
    async keepForSecondLook(...[store, ids, now, done = []]: Parameters<typeof real.keepForSecondLook>) {
      if (broken.kept) await deleteEntries(store, [...ids, ...done]);
      else await real.keepForSecondLook(store, ids, now, done);
    },
  };
});

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterAll(() => void vi.useRealTimers());
afterEach(
  () => void Object.assign(broken, { versions: false, markers: false, refusals: false, look: false, kept: false }),
);

const tags = [{ change: 'tag' }, { change: 'tag' }] as const;
const one = [{ change: 'tag' }] as const;
const [full, readOnly] = Object.values(REFUSED);
if (!full || !readOnly) throw new Error('The model knows a full and a read-only Redis');
/** The drain runs twice: once to settle, once for the second look. */
const kept = { drained: true, drains: 2, excused: 'while kept', faults: [{ kind: 'forgotten' }] } as const;
const settleLost = [{ kind: 'lost', steps: ['settle'] }] as const;

/** Replaces a part of the named script, and fails if the script lacks the part. */
function replacing(name: string, part: string, by: string): (lua: string) => string {
  return (lua) => {
    if (scriptNameOf(lua) !== name) return lua;
    if (!lua.includes(part)) throw new Error(`The script has changed: it no longer says ${part}`);
    return lua.replaceAll(part, by);
  };
}

test('entries are served without a check of their versions', async () => {
  broken.versions = true;
  const found = await foundStale({ name: 'versions ignored', writers: tags });
  expect(found).toContain('acknowledged');
});

const scripts: Record<string, Omit<Scenario, 'name'>> = {
  'settling keeps the version': {
    writers: tags,
    breaking: replacing('versions.settle', 'after(value, newVersion)', "string.match(value, '^[^!]*')"),
  },
  'marking marks nothing, and a settle is lost': {
    start: 'warm',
    writers: tags,
    faults: settleLost,
    breaking: replacing('versions.mark', 'store(key, versions[i], markers, math.max(deadline, last), 0)', ''),
  },
  'deleting deletes nothing, and Redis is full': {
    start: 'warm',
    writers: one,
    faults: full,
    altering: (command) => (command[0] === 'unlink' ? ['exists', ...command.slice(1)] : command),
  },
  'the second look ends no version, and Redis forgets': {
    ...kept,
    start: 'warm',
    writers: one,
    breaking: replacing('versions.end-unless', 'if value then', 'if false then'),
  },
  'settling removes the marks of other writers, and a settle is lost': {
    writers: tags,
    faults: settleLost,
    breaking: replacing('versions.settle', 'others(value, writer)', '{}, 0'),
  },
  'filling does not check the lease': {
    writers: [{ change: 'forget' }, { change: 'forget' }],
    breaking: replacing('lease.fill', "redis.call('GET', leaseKey) == lease", 'true'),
  },
  'forgetting does not remove the lease': {
    writers: [{ change: 'forget' }, { change: 'forget' }],
    altering: (command) => (command[0] === 'del' ? command.filter((word) => !word.includes(':l:')) : command),
  },
  'a pattern removes the entries first and then the leases': {
    writers: [{ change: 'pattern' }, { change: 'pattern' }],
    altering: (command) =>
      command[0] === 'scan'
        ? command.map((word) => (word.includes(':l:') ? word.replace(':l:', ':q:') : word.replace(':q:', ':l:')))
        : command,
  },
  'a write-through is stored although another writer has marked the tag': {
    writers: [{ change: 'write-through' }, { change: 'write-through' }],
    breaking: replacing('versions.settle-and-store', 'alone = false', ''),
  },
  'a write-through checks marks but not the version': {
    writers: [{ change: 'write-through' }, { change: 'write-through' }],
    breaking: replacing('versions.settle-and-store', " or string.match(value, '^[^!]*') ~= marked", ''),
  },
};

test.each(Object.entries(scripts))('%s', async (name, scenario) => {
  await foundStale({ ...scenario, name });
});

test('readers ignore marks, and a settle is lost', async () => {
  broken.markers = true;
  await foundStale({
    name: 'marks ignored by readers',
    writers: tags,
    faults: settleLost,
    breaking: replacing('lease.acquire', "string.find(own[#own], '!', 1, true)", 'false'),
  });
});

test('a refusal is treated as a lost request, and Redis is full', async () => {
  broken.refusals = true;
  const found = await foundStale({ name: 'refusals ignored', start: 'warm', writers: one, faults: full });
  expect(found).toContain('settle (refused) · acknowledged');
});

test('entries that remain after COMMIT are not checked, and Redis refuses even deletions', async () => {
  broken.look = true;
  await foundStale({ name: 'no look after', start: 'warm', writers: one, faults: readOnly });
});

test('settled invalidations are not kept, and Redis forgets', async () => {
  broken.kept = true;
  await foundStale({ ...kept, name: 'not kept', start: 'warm', writers: one });
});
