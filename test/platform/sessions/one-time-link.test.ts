/** Links, which replace codes when the budget of an address is used up: long, and valid once within an hour. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createOneTimeCodes } from '../../../src/platform/codes/index.ts';
import { hmacWith, linked, newAsker, newIdentifier, useCodes } from './codes.ts';

const purpose = 'sign-in';
let identifier: string;
let asker: string;
beforeEach(() => {
  identifier = newIdentifier();
  asker = newAsker();
});
const { ask, open, touched } = useCodes(() => ({ purpose, identifier, asker }));

describe('a link', () => {
  const options = { codesPerDay: 1 };

  /** A browser that asks after the address's codes of the day are used up. */
  async function askForLink(more: Parameters<typeof open>[0] = {}, context: string | null = null) {
    const one = open({ ...options, ...more });
    return { one, ...linked(await one.codes.issue({ purpose, identifier, context, asker })) };
  }
  beforeEach(async () => {
    await ask(open(options));
  });

  test('has 128 random bits and is valid once; issue, open and verify cost 1/1 each', async () => {
    const { one, challenge, link } = await askForLink({}, 'acme');
    expect(link).toMatch(/^[\w-]{22}$/);
    expect(await one.codes.verify({ purpose, challenge, code: link })).toEqual({ kind: 'dead' });
    expect(await one.codes.openLink({ purpose, identifier, link })).toEqual({ kind: 'open', lifeMs: 3_600_000 });
    expect(one.meter).toMatchObject({ requests: 3, commands: 3 });
    expect(await one.codes.verify({ purpose, challenge, code: ` ${link}\n` })).toEqual({
      kind: 'ok',
      identifier,
      context: 'acme',
    });
    expect(one.meter).toMatchObject({ requests: 4, commands: 4 });
    expect(await one.codes.verify({ purpose, challenge, code: link })).toEqual({ kind: 'dead' });
  });

  test('is valid in exactly the browsers that asked for the address, each with its own context', async () => {
    const stranger = await askForLink({}, 'evil');
    const reader = await askForLink({}, 'acme');
    await stranger.one.codes.openLink({ purpose, identifier, link: stranger.link });
    const owner = identifier;
    identifier = newIdentifier();
    const other = await ask(open());
    const code = stranger.link;
    expect(await open().codes.verify({ purpose, challenge: other.challenge, code })).toEqual({ kind: 'dead' });
    expect(await open().codes.verify({ purpose, challenge: '', code })).toEqual({ kind: 'dead' });
    const use = 'change-email';
    expect(await open().codes.verify({ purpose: use, challenge: reader.challenge, code })).toEqual({ kind: 'dead' });
    expect(await reader.one.codes.verify({ purpose, challenge: reader.challenge, code })).toEqual({
      kind: 'ok',
      identifier: owner,
      context: 'acme',
    });
  });

  test('is opened at most every half hour and valid for an hour: two are valid at a time', async () => {
    const clock = { ahead: 0 };
    const first = await askForLink({ ahead: () => clock.ahead });
    const { codes } = first.one;
    const openOne = (link: string) => codes.openLink({ purpose, identifier, link });
    expect(await openOne(first.link)).toMatchObject({ kind: 'open' });
    // A repeated attempt of the same job.
    expect(await openOne(first.link)).toMatchObject({ kind: 'open' });
    clock.ahead = 1_799_000;
    const second = await askForLink();
    expect(await openOne(second.link)).toEqual({ kind: 'recent' });
    expect(await codes.verify({ purpose, challenge: second.challenge, code: second.link })).toEqual({ kind: 'dead' });
    clock.ahead = 1_860_000;
    expect(await openOne(second.link)).toMatchObject({ kind: 'open' });
    for (const { challenge, link } of [first, second]) {
      expect(await codes.verify({ purpose, challenge, code: link })).toMatchObject({ kind: 'ok' });
    }
  });

  test('makes room for the next link when used, and cannot be opened again', async () => {
    const { one, challenge, link } = await askForLink();
    await one.codes.openLink({ purpose, identifier, link });
    expect(await one.codes.verify({ purpose, challenge, code: link })).toMatchObject({ kind: 'ok' });
    // The job that mailed the link runs again.
    await one.codes.openLink({ purpose, identifier, link });
    expect(await one.codes.verify({ purpose, challenge, code: link })).toEqual({ kind: 'dead' });
    const next = await askForLink();
    expect(await one.codes.openLink({ purpose, identifier, link: next.link })).toMatchObject({ kind: 'open' });
  });

  test('is stored in Redis exactly for its hour', async () => {
    const { one, link } = await askForLink();
    const [key = ''] = await touched('oc', () => one.codes.openLink({ purpose, identifier, link }));
    const ttl = await one.redis.pttl(key);
    expect(ttl).toBeGreaterThan(3_590_000);
    expect(ttl).toBeLessThanOrEqual(3_600_000);
  });

  test('cannot be configured to expire before a reader could use it', () => {
    const { redis: client } = open();
    const system = { token: () => '', digits: () => '' };
    const create = () =>
      createOneTimeCodes({ redis: client, system, hmac: hmacWith() }, { linkLife: '35m', linkEvery: '30m' });
    expect(create).toThrow(TypeError);
  });

  test('50 uses at once: one success', async () => {
    const { one, challenge, link } = await askForLink();
    await one.codes.openLink({ purpose, identifier, link });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => open().codes.verify({ purpose, challenge, code: link })),
    );
    expect(answers.filter(({ kind }) => kind === 'ok')).toHaveLength(1);
  });
});
