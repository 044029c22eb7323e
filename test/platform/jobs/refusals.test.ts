/** Refused deliveries are counted by reason for operators; and a repeated delivery runs a job once. */
import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { enqueue, fatal, type JobContext, job, snooze } from '../../../src/platform/jobs/index.ts';
import { costOf } from '../../support/app.ts';
import { type DeliverOptions, type JobInstance, type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

const NAME = 'refuse.me';
let world: JobWorld;
let app: JobInstance;
let other: OwnTenant;
let runs: number;
let run: (context: JobContext) => Promise<unknown>;
const work = job(NAME, {
  input: z.object({}),
  retries: 9,
  run: async (_input, context) => {
    runs += 1;
    return run(context);
  },
});

beforeAll(async () => {
  world = await openJobWorld([work]);
  other = await createTenant(world.connectionString);
});
beforeEach(async () => {
  await world.clear();
  app = operated();
  runs = 0;
  run = async () => 'ok';
});
afterAll(() => world.close());

/** A new instance without counts, operated by the world's tenant. */
function operated(): JobInstance {
  const instance = world.replace();
  Object.assign(instance.test.platform.scope().environment, { OPERATOR_TENANT: world.tenant.id });
  return instance;
}

function flushesEvery(ms: number): void {
  Object.assign(app.test.platform.scope().environment, { COUNTERS_FLUSH_MS: ms });
}

/** A job that QStash keeps for an hour: until then only the test delivers it. */
async function waiting(): Promise<{ id: string; body: string }> {
  const id = await app.within((tenant) => enqueue(tenant, work, {}, { delay: '1h' }));
  return { id, body: app.published.at(-1)?.body ?? '' };
}
const ask = (key = world.tenant.keys.all) => app.test.request('/deliveries', { key });
type Counts = Record<string, number>;
async function refused(): Promise<{ isolate: Counts; today: Counts }> {
  const answer = (await (await ask()).json()) as { refused: { isolate: Counts; today: Counts } };
  return answer.refused;
}
const none = Object.fromEntries(
  ['missing', 'malformed', 'key', 'expired', 'issuer', 'url', 'claims', 'body', 'replay'].map((each) => [each, 0]),
);

describe('counts', () => {
  test.each<[string, string, DeliverOptions]>([
    ['wrong key', 'key', { key: 'sig_jobs_other' }],
    ['wrong URL', 'url', { url: 'http://elsewhere.example/jobs/run/refuse.me' }],
    ['altered body', 'body', { signed: '{}' }],
    ['expired', 'expired', { age: 361_000 }],
    ['missing', 'missing', { signature: null }],
    [
      'alg none',
      'malformed',
      { signature: new UnsecuredJWT({ body: 'x'.repeat(43) }).setIssuer('Upstash').setExpirationTime('1h').encode() },
    ],
  ])('%s: 401, and the count of its reason grows by one', async (_name, reason, options) => {
    flushesEvery(0);
    const { body } = await waiting();
    const { today } = await refused();
    expect((await world.deliver(NAME, body, options)).status).toBe(401);
    const after = await refused();
    expect(after.isolate).toEqual({ ...none, [reason]: 1 });
    expect(after.today[reason]).toBe((today[reason] ?? 0) + 1);
    expect(runs).toBe(0);
  });

  test('valid deliveries are not counted', async () => {
    const { body } = await waiting();
    expect((await world.deliver(NAME, body)).status).toBe(200);
    expect((await refused()).isolate).toEqual(none);
  });

  test('include refused triggers', async () => {
    expect((await app.test.app.request('/schedules/tick', { method: 'POST', body: '{}' })).status).toBe(401);
    expect((await refused()).isolate).toEqual({ ...none, missing: 1 });
  });

  test('are for operators, and cost 1 command', async () => {
    // The first request loads the API key's record.
    await ask();
    expect(costOf(await ask())['redis']).toBe('2 requests, 4 commands');
    expect([(await ask(other.keys.all)).status, (await ask(world.tenant.keys.readOnly)).status]).toEqual([403, 403]);
  });

  test('a flood of forgeries costs one Redis request per interval, after an answer, and all are counted', async () => {
    flushesEvery(10_000);
    const { today } = await refused();
    await world.qstash.clock.advance(10_000);
    app.asked.length = 0;
    for (let time = 0; time < 20; time += 1) await world.deliver(NAME, '{}', { signature: 'S3cret' });
    // One command has the numbers, and one wakes the operators.
    const flush = ['other', 'other'];
    expect(app.asked).toEqual([flush]);
    await world.qstash.clock.advance(10_000);
    await world.deliver(NAME, '{}', { signature: 'S3cret' });
    expect(app.asked).toEqual([flush, flush]);
    const after = await refused();
    expect([after.isolate['malformed'], after.today['malformed']]).toEqual([21, (today['malformed'] ?? 0) + 21]);
  });
});

describe('a repeated delivery', () => {
  async function replay(body: string, signature: string): Promise<void> {
    const before = (await refused()).isolate['replay'] ?? 0;
    const again = await world.deliver(NAME, body, { signature });
    expect([again.status, await again.json()]).toMatchObject([
      401,
      { code: 'NOT_AUTHENTICATED', detail: expect.stringContaining('before') },
    ]);
    expect((await refused()).isolate['replay']).toBe(before + 1);
  }

  test('is refused and counted once the job has ended, and changes nothing; it costs the claim', async () => {
    const { id, body } = await waiting();
    const signature = world.sign(NAME, body);
    expect((await world.deliver(NAME, body, { signature })).status).toBe(200);
    const before = await world.read(id);
    app.asked.length = 0;
    await world.deliver(NAME, body, { signature });
    expect(app.asked[0]).toEqual(['claim']);
    expect(app.asked.flat()).not.toContain('finish');
    await replay(body, signature);
    expect([runs, await world.read(id)]).toEqual([1, before]);
    expect(app.test.lines.join()).not.toContain(signature);
  });

  test.each([
    ['failed', async () => Promise.reject(new Error('no'))],
    ['queued', async () => snooze('1m')],
    ['dead', async () => fatal('BROKEN')],
  ])('is refused when its first run left the job %s, even if the job is due', async (state, first) => {
    const { id, body } = await waiting();
    const signature = world.sign(NAME, body);
    run = async () => (runs === 1 ? first() : 'ok');
    await world.deliver(NAME, body, { signature });
    expect(await world.read(id)).toMatchObject({ state });
    // A failed job is due by then, but only for the next delivery.
    await world.qstash.clock.advance(20_000);
    await replay(body, signature);
    expect(runs).toBe(1);
    expect(await world.read(id)).toMatchObject({ state });
  });

  test('is asked to wait while the job runs, because QStash may have sent it twice', async () => {
    const begun = Promise.withResolvers<void>();
    const going = Promise.withResolvers<void>();
    run = async () => {
      begun.resolve();
      await going.promise;
    };
    const { body } = await waiting();
    const signature = world.sign(NAME, body);
    const first = world.deliver(NAME, body, { signature });
    await begun.promise;
    expect((await world.deliver(NAME, body, { signature })).status).toBe(409);
    going.resolve();
    expect((await first).status).toBe(200);
    expect((await refused()).isolate).toEqual(none);
    await replay(body, signature);
    expect(runs).toBe(1);
  });

  test('with another spelling of its signature counts as the same', async () => {
    const { body } = await waiting();
    const signature = world.sign(NAME, body);
    await world.deliver(NAME, body, { signature });
    // The last letter of 32 bytes has two unused bits.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters.indexOf(signature.at(-1) ?? '');
    const written = signature.slice(0, -1) + letters[last ^ 1];
    const again = await world.deliver(NAME, body, { signature: written });
    expect([again.status, runs]).toEqual([401, 1]);
  });

  test('of an earlier attempt is refused as well', async () => {
    run = async () => (runs < 3 ? Promise.reject(new Error('no')) : 'ok');
    const { id, body } = await waiting();
    const signatures: string[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const signature = world.sign(NAME, body);
      signatures.push(signature);
      await world.deliver(NAME, body, { signature });
      await world.qstash.clock.advance(25_000);
    }
    expect([runs, (await world.read(id))?.state]).toEqual([3, 'done']);
    for (const signature of signatures) await replay(body, signature);
    expect(runs).toBe(3);
  });

  test('with a new signature is a redelivery of QStash: settled, and not counted', async () => {
    const { body } = await waiting();
    await world.deliver(NAME, body);
    const again = await world.deliver(NAME, body);
    expect([again.status, await again.json()]).toEqual([200, { state: 'done' }]);
    expect([runs, (await refused()).isolate]).toEqual([1, none]);
  });

  test('is different from a claim repeated after a lost answer', async () => {
    const { id, body } = await waiting();
    app.faults = { claim: ['lost'] };
    expect((await world.deliver(NAME, body)).status).toBe(200);
    expect([runs, (await world.read(id))?.state, (await refused()).isolate]).toEqual([1, 'done', none]);
  });
});
