/** Verifying deliveries: signatures, messages of newer and older releases, invalid inputs. */
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { enqueue, job } from '../../../src/platform/jobs/index.ts';
import { type DeliverOptions, type JobWorld, openJobWorld } from '../../support/job-world.ts';

let world: JobWorld;
let ran: unknown[];
const NAME = 'deliver.me';
const first = job(NAME, {
  input: z.object({ n: z.number() }),
  run: async (input) => {
    ran.push(input);
  },
});

beforeAll(async () => {
  world = await openJobWorld([first]);
});
beforeEach(async () => {
  await world.clear();
  ran = [];
});
afterAll(() => world.close());

/** Enqueues a job that QStash keeps for an hour, and returns its id and message. */
async function waiting(): Promise<{ id: string; body: string }> {
  const app = world.replace([first]);
  const id = await app.within((tenant) => enqueue(tenant, first, { n: 1 }, { delay: '1h' }));
  return { id, body: app.published[0]?.body ?? '' };
}
/** A protected header with an extension that receivers must understand (RFC 7515, section 4.1.11). */
const CRITICAL = Buffer.from('{"alg":"HS256","crit":["x"],"x":1}').toString('base64url');
const logOf = () => world.app.test.lines.join('\n');

describe('signatures', () => {
  const inFiveMinutes = () => Math.floor(world.qstash.clock.now() / 1000) + 300;
  const claims = () => ({ body: 'x'.repeat(43) });
  const forged = async (alg: string, key = 'sig_jobs_current') =>
    new SignJWT(claims())
      .setProtectedHeader({ alg })
      .setIssuer('Upstash')
      .setSubject(`${world.url}/jobs/run/${NAME}`)
      .setExpirationTime(inFiveMinutes())
      .sign(new TextEncoder().encode(key));

  test.each<[string, string, () => DeliverOptions | Promise<DeliverOptions>]>([
    ['none', 'missing', () => ({ signature: null })],
    ['no token at all', 'malformed', () => ({ signature: 'S3cret' })],
    ['another key', 'key', () => ({ key: 'sig_jobs_other' })],
    ['another URL', 'url', () => ({ url: 'http://elsewhere.example/jobs/run/deliver.me' })],
    ['the address for callers', 'url', () => ({ url: `http://app.test/jobs/run/${NAME}` })],
    ['another job', 'url', () => ({ url: `${world.url}/jobs/run/other` })],
    [
      'the host of the request, which a caller can choose',
      'url',
      () => ({ url: `http://proxy.internal/jobs/run/${NAME}` }),
    ],
    ['another body', 'body', () => ({ signed: '{}' })],
    ['expired', 'expired', () => ({ age: 361_000 })],
    ['HS512', 'malformed', async () => ({ signature: await forged('HS512') })],
    [
      'no algorithm',
      'malformed',
      () => ({
        signature: new UnsecuredJWT(claims()).setIssuer('Upstash').setExpirationTime(inFiveMinutes()).encode(),
      }),
    ],
    [
      'another issuer',
      'issuer',
      async () => ({
        signature: await new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('Somebody')
          .setSubject(`${world.url}/jobs/run/${NAME}`)
          .setExpirationTime(inFiveMinutes())
          .sign(new TextEncoder().encode('sig_jobs_current')),
      }),
    ],
    [
      'no end',
      'claims',
      async () => ({
        signature: await new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('Upstash')
          .setSubject(`${world.url}/jobs/run/${NAME}`)
          .sign(new TextEncoder().encode('sig_jobs_current')),
      }),
    ],
    [
      'a beginning in the future',
      'claims',
      async () => ({
        signature: await new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('Upstash')
          .setSubject(`${world.url}/jobs/run/${NAME}`)
          .setExpirationTime(inFiveMinutes())
          .setNotBefore(inFiveMinutes())
          .sign(new TextEncoder().encode('sig_jobs_current')),
      }),
    ],
    ['a part too many', 'malformed', async () => ({ signature: `${await forged('HS256')}.x` })],
    ['half of the signature', 'key', async () => ({ signature: (await forged('HS256')).slice(0, -20) })],
    [
      'a header that must be understood and is not',
      'malformed',
      async () => ({ signature: (await forged('HS256')).replace(/^[^.]+/, CRITICAL) }),
    ],
    ['a wrong hash of the right length', 'body', async () => ({ signature: await forged('HS256') })],
  ])('%s: 401, logged as "%s" without the token, and the job does not run', async (_name, refusal, options) => {
    const { id, body } = await waiting();
    world.app.asked.length = 0;
    const sent = await options();
    const response = await world.deliver(NAME, body, sent);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'NOT_AUTHENTICATED' });
    expect(logOf()).toContain(`"refusal":"${refusal}"`);
    if (sent.signature) expect(logOf()).not.toContain(sent.signature);
    // The refusal is counted after the answer.
    expect([world.app.asked.flat().filter((step) => step !== 'other'), ran]).toEqual([[], []]);
    expect((await world.read(id))?.state).toBe('queued');
  });

  test('are accepted for a minute after their expiry, because clocks differ', async () => {
    const { body } = await waiting();
    expect((await world.deliver(NAME, body, { age: 350_000 })).status).toBe(200);
  });

  test('by the next key are accepted too, so a rotation loses no message', async () => {
    const { body } = await waiting();
    expect((await world.deliver(NAME, body, { key: 'sig_jobs_next' })).status).toBe(200);
    const { body: second } = await waiting();
    await fetch(`${world.qstash.url}/v2/keys/rotate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.qstash.token}` },
    });
    await world.advance(3_600_000);
    expect(ran).toHaveLength(2);
    expect((await world.deliver(NAME, second, { key: 'sig_jobs_next' })).status).toBe(200);
    expect(ran).toHaveLength(2);
  });

  test('of a repeated message are harmless: the claim knows that the job is done', async () => {
    const { body } = await waiting();
    for (let time = 0; time < 3; time += 1) {
      const response = await world.deliver(NAME, body);
      expect([response.status, await response.json()]).toEqual([200, { state: 'done' }]);
    }
    expect(ran).toHaveLength(1);
  });
});

describe('messages', () => {
  test.each([
    ['a body that is not JSON', '{'],
    ['a body that is not a message', '{"id":"x"}'],
    ['a tenant of another form', '{"tenant":"a:b"}'],
  ])('%s: 489, not redelivered', async (_name, text) => {
    const { body } = await waiting();
    const sent = text === '{"tenant":"a:b"}' ? JSON.stringify({ ...JSON.parse(body), tenant: 'a:b' }) : text;
    const response = await world.deliver(NAME, sent);
    expect([response.status, response.headers.get('upstash-nonretryable-error')]).toEqual([489, 'true']);
  });

  test('of one job sent to another job are refused', async () => {
    const other = job('other.job', { input: z.unknown(), run: async () => ran.push('other') });
    const { body } = await waiting();
    world.replace([first, other]);
    expect((await world.deliver('other.job', body)).status).toBe(489);
    expect(ran).toEqual([]);
  });

  test('of a job unknown to this release are redelivered, and run by a release that has it', async () => {
    const { id, body } = await waiting();
    world.replace([]);
    const response = await world.deliver(NAME, body);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30']);
    await world.advance(3_600_000 + 5_000);
    expect((await world.read(id))?.state).toBe('queued');
    world.replace([first]);
    await world.advance(60_000);
    expect([ran, (await world.read(id))?.state]).toEqual([[{ n: 1 }], 'done']);
  });

  test('of a job unknown to all releases end as dead letters, and can be replayed', async () => {
    const { id } = await waiting();
    world.replace([]);
    await world.advance(3_600_000 + 3_600_000);
    expect(await world.read(id)).toMatchObject({ state: 'dead', reason: 'UNKNOWN_JOB', attempt: 0 });
    expect(await world.deadLetters()).not.toEqual([]);
  });

  test('of a newer version wait for a release with that version', async () => {
    const newer = job(NAME, {
      version: 2,
      input: z.object({ m: z.number() }),
      run: async (input) => void ran.push(input),
    });
    const app = world.replace([newer]);
    const id = await app.within((tenant) => enqueue(tenant, newer, { m: 2 }, { delay: '1h' }));
    const body = app.published[0]?.body ?? '';
    world.replace([first]);
    expect((await world.deliver(NAME, body)).status).toBe(503);
    world.replace([newer]);
    expect((await world.deliver(NAME, body)).status).toBe(200);
    expect([ran, (await world.read(id))?.state]).toEqual([[{ m: 2 }], 'done']);
  });

  test('of an older version are migrated', async () => {
    const newer = job(NAME, {
      version: 2,
      input: z.object({ m: z.number() }),
      upgrade: (input) => ({ m: (input as { n: number }).n * 100 }),
      run: async (input) => void ran.push(input),
    });
    const { body } = await waiting();
    world.replace([newer]);
    expect((await world.deliver(NAME, body)).status).toBe(200);
    expect(ran).toEqual([{ m: 100 }]);
  });

  test('with an invalid input become dead letters without a claim, for one request', async () => {
    const narrower = job(NAME, { input: z.object({ n: z.string() }), run: async () => void ran.push('no') });
    const { id, body } = await waiting();
    const app = world.replace([narrower]);
    const response = await world.deliver(NAME, body);
    expect([response.status, await response.json()]).toEqual([489, { state: 'dead', reason: 'INVALID_INPUT' }]);
    expect([app.asked, ran]).toEqual([[['dead-letter']], []]);
    expect(await world.read(id)).toMatchObject({ state: 'dead', reason: 'INVALID_INPUT' });
  });
});
