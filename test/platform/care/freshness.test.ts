/**
 * No older value and no older right: after the acknowledgement of a change, no answer has what was there before it, in
 * every order of a reader and a writer.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { roles } from '../../../src/identity/index.ts';
import { createTestApp } from '../../support/app.ts';
import { type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
let other: ReturnType<typeof createTestApp>;
let patient: string;
let record: string;
beforeAll(async () => {
  clinic = await openClinic();
  other = createTestApp({ system: { now: () => Date.now() + clinic.clock.ahead } });
});
afterAll(() => Promise.all([clinic.close(), other.close()]));
beforeEach(async () => {
  clinic.redis.faults = {};
  for (const role of roles) await clinic.signInAgain(role, role);
  patient = await clinic.patient();
  await join('clinician');
  record = (await clinic.must('clinician', 'POST', path(), { kind: 'note', text: 'Older' })).id;
});

const path = () => `/care/patients/${patient}/records`;
const team = (name: string) => `/care/patients/${patient}/team/${clinic.idOf(name)}`;
const join = (name: string) => clinic.must('reception', 'PUT', team(name), {});
const read = (name = 'colleague') => clinic.send<{ versions: { text: string }[] }>(name, 'GET', `${path()}/${record}`);

/** Changes that end the right of a colleague who is in the team. Each returns when the change is acknowledged. */
const ENDS: Readonly<Record<string, () => Promise<unknown>>> = {
  'the end of an assignment': () => clinic.must('reception', 'DELETE', team('colleague')),
  'an assignment until now': () =>
    clinic.must('reception', 'PUT', team('colleague'), { until: new Date(0).toISOString() }),
  'a denial': () =>
    clinic.must('reception', 'POST', `/care/patients/${patient}/consents`, { decision: 'deny', recordClass: 'normal' }),
  'a role without the right': () =>
    clinic.must('owner', 'PATCH', `/users/${clinic.idOf('colleague')}`, { role: 'reception' }),
  'a disabled account': () => clinic.must('owner', 'PATCH', `/users/${clinic.idOf('colleague')}`, { disabled: true }),
  'a merge into another patient': async () =>
    clinic.must('reception', 'POST', `/care/patients/${await clinic.patient()}/merge`, { duplicateId: patient }),
};

describe('after', () => {
  beforeEach(async () => {
    await clinic.hire('colleague', 'clinician');
    await join('colleague');
  });

  test.each(Object.entries(ENDS))('%s, the next read is refused, on another instance too', async (_name, end) => {
    const bearer = clinic.people.get('colleague')?.bearer ?? '';
    const there = () => other.request(`${path()}/${record}`, { key: bearer });
    for (let each = 0; each < 2; each += 1) expect([(await read()).code, (await there()).status]).toEqual(['ok', 200]);
    await end();
    expect([(await read()).status >= 400, (await there()).status >= 400]).toEqual([true, true]);
  });

  test.each(Object.entries(ENDS))('%s, a load that began before it is stored for no later read', async (_name, end) => {
    // The reader has loaded the access of before, and is held before it can store it.
    const held = Promise.withResolvers<void>();
    const reached = clinic.redis.reached('fill');
    clinic.redis.faults.fill = { before: held.promise };
    const early = read();
    await reached;
    await end();
    held.resolve();
    await early;
    clinic.redis.faults = {};
    expect((await read()).status).toBeGreaterThanOrEqual(400);
  });

  /** A write, a change of a role, and the end of a relation: the change, and the read of after it. */
  const CHANGES: Readonly<Record<string, { change(): Promise<unknown>; shows: readonly unknown[] }>> = {
    'an amendment': {
      change: () => clinic.must('clinician', 'POST', `${path()}/${record}/amend`, { version: 1, text: 'Newer' }),
      shows: ['ok', ['Newer', 'Older']],
    },
    // The end of the user's sessions comes with the role, so the next read has none.
    'a change of the role': {
      change: ENDS['a role without the right'] ?? expect.fail(),
      shows: ['NOT_AUTHENTICATED', undefined],
    },
    'the end of a relation': {
      change: ENDS['the end of an assignment'] ?? expect.fail(),
      shows: ['NO_CARE_RELATION', undefined],
    },
  };
  const points = (['acquire', 'fill'] as const).flatMap((step) =>
    (['before', 'after'] as const).map((side) => ({ step, side })),
  );

  test.each(Object.entries(CHANGES).flatMap(([name, each]) => points.map((point) => ({ name, ...point, ...each }))))(
    '$name that comes while a reader is held $side the step $step, the next read has the newer value or right',
    async (line) => {
      const { step, side, change, shows } = line;
      const held = Promise.withResolvers<void>();
      const reached = side === 'before' ? clinic.redis.reached(step) : clinic.redis.ran(step);
      clinic.redis.faults[step] = side === 'before' ? { before: held.promise } : { after: held.promise };
      const early = read();
      await reached;
      clinic.redis.faults = {};
      await change();
      const next = async () => {
        const { code, body } = await read();
        return [code, body.versions?.map(({ text }) => text)];
      };
      expect(await next()).toEqual(shows);
      held.resolve();
      await early;
      expect(await next()).toEqual(shows);
    },
  );

  test.each(Object.entries(ENDS))('%s whose mark was lost in Redis, the read is refused too', async (_name, end) => {
    expect((await read()).code).toBe('ok');
    clinic.redis.faults.settle = 'answer-lost';
    await end().catch(() => undefined);
    clinic.redis.faults = {};
    expect((await read()).status).toBeGreaterThanOrEqual(400);
  });

  test('an amendment, no reader gets the older version alone', async () => {
    const there = async () => {
      const response = await other.request(`${path()}/${record}`, {
        key: clinic.people.get('colleague')?.bearer ?? '',
      });
      return ((await response.json()) as { versions: { text: string }[] }).versions[0]?.text;
    };
    expect([await there(), (await read()).body.versions[0]?.text]).toEqual(['Older', 'Older']);
    await clinic.must('clinician', 'POST', `${path()}/${record}/amend`, { version: 1, text: 'Newer' });
    expect([await there(), (await read()).body.versions[0]?.text]).toEqual(['Newer', 'Newer']);
  });

  test('the end of a visit’s 30 days, the read is refused although the cached access is fresh', async () => {
    await clinic.must('reception', 'DELETE', team('colleague'));
    const soon = 20_000 / 86_400_000;
    const fresh = await clinic.patient();
    await clinic.visit(fresh, 'colleague', -30 + soon);
    const list = () => clinic.send('colleague', 'GET', `/care/patients/${fresh}/records`);
    expect((await list()).code).toBe('ok');
    clinic.clock.ahead += 21_000;
    const late = await list();
    expect([late.code, late.headers.get('x-cache')]).toEqual(['NO_CARE_RELATION', 'HIT']);
  });
});

test('while Redis does not answer, rights and records are those of the database', async () => {
  await clinic.hire('colleague', 'clinician');
  await join('colleague');
  // Sessions cannot be verified without Redis, so only the cache fails here.
  clinic.redis.faults.fill = 'unreachable';
  clinic.redis.faults.acquire = 'unreachable';
  expect((await read()).code).toBe('ok');
  await clinic.must('reception', 'DELETE', team('colleague'));
  expect((await read()).code).toBe('NO_CARE_RELATION');
});
