/** One-time codes: valid once, for one purpose, in one browser, and with a budget of guesses. */

import { beforeEach, describe, expect, test } from 'vitest';
import { createOneTimeCodes } from '../../../src/platform/codes/index.ts';
import { adminRedis } from '../../support/admin-redis.ts';
import { hmacWith, issued, newAsker, newIdentifier, otherThan, useCodes } from './codes.ts';

const purpose = 'sign-in';
let identifier: string;
let asker: string;
beforeEach(() => {
  identifier = newIdentifier();
  asker = newAsker();
});
const { ask, open, redis, touched } = useCodes(() => ({ purpose, identifier, asker }));

describe('a code', () => {
  test('is 8 digits, valid once, and gives address and context; issue and verify cost 1/1 each', async () => {
    const one = open();
    const { challenge, code, lifeMs } = await ask(one);
    expect(code).toMatch(/^\d{8}$/);
    expect(lifeMs).toBe(600_000);
    expect(one.meter).toMatchObject({ requests: 1, commands: 1 });
    expect(await one.codes.verify({ purpose, challenge, code })).toEqual({ kind: 'ok', identifier, context: 'acme' });
    expect(one.meter).toMatchObject({ requests: 2, commands: 2 });
    expect(await one.codes.verify({ purpose, challenge, code })).toEqual({ kind: 'dead' });
  });

  test('may be typed with blanks and hyphens', async () => {
    const one = open();
    const { challenge, code } = await ask(one);
    const typed = ` ${code.slice(0, 4)} - ${code.slice(4)}\n`;
    expect(await one.codes.verify({ purpose, challenge, code: typed })).toMatchObject({ kind: 'ok' });
  });

  test('without a context gives none', async () => {
    const one = open();
    const { challenge, code } = issued(await one.codes.issue({ purpose, identifier, asker }));
    expect(await one.codes.verify({ purpose, challenge, code })).toEqual({ kind: 'ok', identifier, context: null });
  });

  test('is refused for another purpose', async () => {
    const one = open();
    const { challenge, code } = await ask(one);
    expect(await one.codes.verify({ purpose: 'change-email', challenge, code })).toEqual({ kind: 'dead' });
    expect(await one.codes.verify({ purpose, challenge, code })).toMatchObject({ kind: 'ok' });
  });

  test('is refused in another browser, even if it asked for the same address', async () => {
    const one = open();
    const two = open();
    const mine = await ask(one);
    const theirs = await ask(two);
    const stolen = { purpose, challenge: theirs.challenge, code: mine.code };
    expect(await two.codes.verify(stolen)).toEqual({ kind: 'wrong', left: 4 });
    expect(await one.codes.verify({ purpose, ...mine })).toMatchObject({ kind: 'ok' });
  });

  test('is refused with the challenge of another address, context, key or secret', async () => {
    const one = open();
    const { challenge, code } = await ask(one);
    const [form, keyId, , secret = ''] = challenge.split('.');
    const encoded = (...owner: unknown[]) => Buffer.from(JSON.stringify(owner)).toString('base64url');
    const address = encoded(newIdentifier(), 'acme');
    const own = encoded(identifier, 'acme');
    for (const forged of [
      [form, keyId, address, secret],
      [form, 'k2', own, secret],
      [form, 'k9', own, secret],
      [form, keyId, own, `${secret.slice(1)}A`],
      [form, keyId, encoded(identifier, null), secret],
      [form, keyId, encoded(identifier, 'other'), secret],
      [form, keyId, encoded(identifier, 'acme', 1), secret],
      [form, keyId, encoded(identifier), secret],
      [form, keyId, Buffer.from(identifier).toString('base64url'), secret],
      [form, keyId, own],
      ['c2', keyId, own, secret],
      [''],
      ['c1', '..', '', '\u0000'],
    ]) {
      expect(await one.codes.verify({ purpose, challenge: forged.join('.'), code })).toEqual({ kind: 'dead' });
    }
    expect(await one.codes.verify({ purpose, challenge, code })).toMatchObject({ kind: 'ok' });
  });

  test('costs no request with a foreign challenge', async () => {
    const one = open();
    await one.codes.verify({ purpose, challenge: 'nonsense', code: '12345678' });
    expect(one.meter.requests).toBe(0);
  });

  test('is stored in Redis exactly for its lifetime', async () => {
    const one = open({ life: '5m' });
    const [key = ''] = await touched('oc', () => ask(one));
    const ttl = await one.redis.pttl(key);
    expect(ttl).toBeGreaterThan(290_000);
    expect(ttl).toBeLessThanOrEqual(300_000);
  });

  test('is refused when Redis has lost it', async () => {
    const one = open();
    let answer = { challenge: '', code: '' };
    const [key = ''] = await touched('oc', async () => {
      answer = await ask(one);
    });
    expect(await one.redis.pexpire(key, 0)).toBe(1);
    expect(await one.codes.verify({ purpose, ...answer })).toEqual({ kind: 'dead' });
  });

  test('may be valid for at most ten minutes', () => {
    const { redis: client } = open();
    const system = { token: () => '', digits: () => '' };
    const create = (life: '11m' | 0) => () => createOneTimeCodes({ redis: client, system, hmac: hmacWith() }, { life });
    expect(create('11m')).toThrow(TypeError);
    expect(create(0)).toThrow(TypeError);
  });

  test('stays valid after a key rotation, but not after the removal of its key', async () => {
    const { challenge, code } = await ask(open());
    const removed = open({ hmac: hmacWith('k2', { k2: 'second key' }) });
    expect(await removed.codes.verify({ purpose, challenge, code })).toEqual({ kind: 'dead' });
    const changed = open({ hmac: hmacWith('k2') });
    expect(await changed.codes.verify({ purpose, challenge, code })).toMatchObject({ kind: 'ok' });
  });
});

describe('guessing', () => {
  test('ends a code after 5 wrong guesses; then even the right one is refused', async () => {
    const one = open();
    const { challenge, code } = await ask(one);
    const wrong = { purpose, challenge, code: otherThan(code) };
    const lefts = [];
    for (let guess = 0; guess < 5; guess += 1) lefts.push(await one.codes.verify(wrong));
    expect(lefts).toEqual([4, 3, 2, 1, 0].map((left) => ({ kind: 'wrong', left })));
    expect(await one.codes.verify({ purpose, challenge, code })).toEqual({ kind: 'dead' });
  });

  test('accepts the right code as the fifth guess', async () => {
    const one = open();
    const { challenge, code } = await ask(one);
    for (let guess = 0; guess < 4; guess += 1) await one.codes.verify({ purpose, challenge, code: otherThan(code) });
    expect(await one.codes.verify({ purpose, challenge, code })).toMatchObject({ kind: 'ok' });
  });

  test('ends for the day at 20 wrong guesses, over all codes, purposes and browsers of an identifier', async () => {
    let wrong = 0;
    for (let code = 0; code < 4; code += 1) {
      const one = open();
      const use = code % 2 ? 'change-email' : purpose;
      const context = code < 2 ? null : `tenant-${code}`;
      const { challenge, code: right } = issued(await one.codes.issue({ purpose: use, identifier, context, asker }));
      for (let guess = 0; guess < 5; guess += 1) {
        const answer = await one.codes.verify({ purpose: use, challenge, code: otherThan(right) });
        if (answer.kind === 'wrong') wrong += 1;
      }
    }
    expect(wrong).toBe(20);
    const one = open();
    expect(await one.codes.issue({ purpose, identifier, asker })).toMatchObject({ kind: 'link' });
    identifier = newIdentifier();
    expect(await ask(one)).toBeDefined();
  });

  test('is refused without a check of the code when the day’s guesses are used up', async () => {
    const one = open({ guessesPerDay: 3 });
    const first = await ask(one);
    const second = await ask(one);
    for (const left of [2, 1, 0]) {
      const answer = await one.codes.verify({ purpose, challenge: first.challenge, code: otherThan(first.code) });
      expect(answer).toEqual({ kind: 'wrong', left });
    }
    expect(await one.codes.verify({ purpose, ...second })).toEqual({ kind: 'spent' });
    expect(await one.codes.verify({ purpose, ...first })).toEqual({ kind: 'spent' });
  });

  test('costs none of the day’s guesses if it is right', async () => {
    const one = open({ guessesPerDay: 2 });
    for (let day = 0; day < 5; day += 1) {
      expect(await one.codes.verify({ purpose, ...(await ask(one)) })).toMatchObject({ kind: 'ok' });
    }
  });

  test('costs none of the day’s guesses with an expired or forged challenge', async () => {
    const one = open({ guessesPerDay: 2 });
    const used = await ask(one);
    await one.codes.verify({ purpose, ...used });
    for (let guess = 0; guess < 5; guess += 1) await one.codes.verify({ purpose, ...used });
    expect(await one.codes.verify({ purpose, ...(await ask(one)) })).toMatchObject({ kind: 'ok' });
  });

  test('is possible at most 20 times in any 24 hours: each guess is available again after a day', async () => {
    const clock = { ahead: 0 };
    const one = open({ guessesPerDay: 2, guesses: 9, ahead: () => clock.ahead });
    const guess = async () => {
      const { challenge, code } = await ask(one);
      return one.codes.verify({ purpose, challenge, code: otherThan(code) });
    };
    const first = await ask(one);
    expect(await guess()).toEqual({ kind: 'wrong', left: 1 });
    clock.ahead = 86_000_000;
    expect(await guess()).toEqual({ kind: 'wrong', left: 0 });
    expect(await one.codes.verify({ purpose, ...first })).toEqual({ kind: 'spent' });
    clock.ahead = 86_460_000;
    // The first of the two guesses is available again, the second is not.
    expect(await guess()).toEqual({ kind: 'wrong', left: 0 });
    expect(await one.codes.verify({ purpose, ...first })).toEqual({ kind: 'spent' });
  });

  test('leaves no data a day after the last guess', async () => {
    const one = open();
    const [day = ''] = await touched('od', () => ask(one));
    const ttl = await one.redis.pttl(day);
    expect(ttl).toBeGreaterThan(86_390_000);
    expect(ttl).toBeLessThanOrEqual(86_400_000);
  });
});

describe('asking again', () => {
  test('ends the previous code of the same browser, and restores none of the day’s guesses', async () => {
    const one = open({ guessesPerDay: 4 });
    const first = await ask(one);
    await one.codes.verify({ purpose, challenge: first.challenge, code: otherThan(first.code) });
    const second = await ask(one, first.challenge);
    expect(await one.codes.verify({ purpose, ...first })).toEqual({ kind: 'dead' });
    const wrong = { purpose, challenge: second.challenge, code: otherThan(second.code) };
    expect(await one.codes.verify(wrong)).toEqual({ kind: 'wrong', left: 2 });
    expect(await one.codes.verify({ purpose, ...second })).toMatchObject({ kind: 'ok' });
  });

  test('does not end codes of other browsers', async () => {
    const victim = open();
    const code = await ask(victim);
    for (let again = 0; again < 3; again += 1) await ask(open());
    expect(await victim.codes.verify({ purpose, ...code })).toMatchObject({ kind: 'ok' });
  });

  test('gives a caller 10 short codes a day, an address 20, and then links', async () => {
    const kinds = async (count: number, who: string) => {
      const answers = [];
      for (let time = 0; time < count; time += 1)
        answers.push(await open().codes.issue({ purpose, identifier, asker: who }));
      return answers.map(({ kind }) => kind);
    };
    const one = await ask(open());
    expect(await kinds(10, asker)).toEqual([...Array(9).fill('code'), 'link']);
    expect(await kinds(11, newAsker())).toEqual([...Array(10).fill('code'), 'link']);
    expect(await kinds(2, newAsker())).toEqual(['link', 'link']);
    // The earlier codes stay valid.
    expect(await open().codes.verify({ purpose, ...one })).toMatchObject({ kind: 'ok' });
    identifier = newIdentifier();
    expect(await kinds(1, asker)).toEqual(['code']);
  });

  test('costs 1/1 too, with any challenge that the browser sends', async () => {
    const one = open();
    const { challenge } = await ask(one);
    await ask(one, challenge);
    await ask(one, 'nonsense');
    expect(one.meter).toMatchObject({ requests: 3, commands: 3 });
  });
});

test('a code stored before links existed is valid, and its wrong guesses count in the day of its address', async () => {
  const one = open({ guessesPerDay: 2 });
  const hmac = hmacWith();
  const owner = JSON.stringify([identifier, 'acme']);
  const secret = 'A'.repeat(22);
  const prefixed = (...parts: string[]) => parts.map((part) => `${part.length}:${part}`).join('');
  const macOf = (...parts: string[]) => hmac.compute(prefixed(...parts))?.mac ?? '';
  const key = `hf:-:oc:${macOf('code-challenge', purpose, owner, secret)}`;
  const mac = macOf('code', purpose, owner, secret, '12345678');
  await one.redis.exec(['HSET', key, 'mac', mac, 'payload', '', 'tries', '5']);
  await one.redis.exec(['SET', `hf:-:ob:${macOf('code-budget', owner)}`, '0 0', 'PX', '60000']);
  const challenge = `c1.k1.${Buffer.from(owner).toString('base64url')}.${secret}`;
  expect(await one.codes.verify({ purpose, challenge, code: '87654321' })).toEqual({ kind: 'wrong', left: 1 });
  expect(await one.codes.verify({ purpose, challenge, code: '12345678' })).toEqual({
    kind: 'ok',
    identifier,
    context: 'acme',
  });
  expect(await one.codes.verify({ purpose, challenge, code: '12345678' })).toEqual({ kind: 'dead' });
});

test('an unknown identifier causes the same Redis requests', async () => {
  const shapes: unknown[] = [];
  redis.rest.intercept = ({ commands }) => {
    shapes.push(commands.map((command) => command.map((part) => String(part).length)));
    return 'pass';
  };
  // The caller does the same for both and mails only one; the addresses have the same length to be comparable.
  const one = open();
  await ask(one);
  identifier = identifier.replace(/^./, 'x');
  await ask(one);
  const sizes = shapes.map((shape) => JSON.stringify(shape).replace(/^\[\[\d+,\d+/, ''));
  expect(sizes[1]).toBe(sizes[0]);
});

test('neither code, challenge nor identifier is sent to Redis or stored there', async () => {
  const sent: string[] = [];
  redis.rest.intercept = ({ commands }) => {
    sent.push(JSON.stringify(commands));
    return 'pass';
  };
  const one = open();
  const first = await ask(one);
  const second = await ask(one, first.challenge);
  await one.codes.verify({ purpose, challenge: second.challenge, code: otherThan(second.code) });
  redis.rest.intercept = undefined;

  const stored: unknown[] = [];
  const admin = adminRedis({ url: redis.rest.url });
  for (const key of await admin.keys('hf:-:o[cd]:*')) {
    stored.push(key, (await admin.type(key)) === 'hash' ? await admin.hgetall(key) : await admin.get(key));
  }
  const everything = sent.join() + JSON.stringify(stored);
  for (const { challenge, code } of [first, second]) {
    const [, , encoded = '', secret = ''] = challenge.split('.');
    for (const hidden of [code, secret, encoded, identifier, asker]) expect(everything).not.toContain(hidden);
  }
});

test('two equal codes differ in Redis', async () => {
  const one = open({ digits: () => '12345678' });
  const macs = new Set<unknown>();
  for (let time = 0; time < 2; time += 1) {
    const [key = ''] = await touched('oc', () => ask(one));
    macs.add(await one.redis.hget(key, 'mac'));
  }
  expect(macs.size).toBe(2);
});

test('without Redis every code is refused', async () => {
  const one = open();
  const code = await ask(one);
  redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
  await expect(one.codes.verify({ purpose, ...code })).rejects.toMatchObject({ name: 'RedisError' });
  await expect(one.codes.issue({ purpose, identifier, asker })).rejects.toMatchObject({ name: 'RedisError' });
});
