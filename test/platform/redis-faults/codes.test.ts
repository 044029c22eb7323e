/** One-time codes on a Redis that refuses, and on one that forgets. */
import { expect, test } from 'vitest';
import { browser, issued, newAsker, newIdentifier, otherThan } from '../sessions/codes.ts';
import { codeIn, describeFaults, faultyRedis, STATES } from './world.ts';

const redis = faultyRedis();
const PURPOSE = 'sign-in';

describeFaults('one-time codes', () => {
  test.each(STATES)('%s: no code is created, so none may be mailed', async (state) => {
    const { codes } = browser({ rest: redis.rest() });
    const request = { purpose: PURPOSE, identifier: newIdentifier(), asker: newAsker() };
    await redis.make(state);
    await expect(codes.issue(request)).rejects.toMatchObject({ code: codeIn(state) });
    await redis.heal();
    expect((await codes.issue(request)).kind).toBe('code');
  });

  test.each(STATES)('%s: no guess is checked, right or wrong, and none is used up', async (state) => {
    const { codes } = browser({ rest: redis.rest(), guesses: 1 });
    const { challenge, code } = issued(
      await codes.issue({ purpose: PURPOSE, identifier: newIdentifier(), asker: newAsker() }),
    );
    await redis.make(state);
    for (const guess of [otherThan(code), otherThan(code), code]) {
      const verifying = codes.verify({ purpose: PURPOSE, challenge, code: guess });
      await expect(verifying).rejects.toMatchObject({ code: codeIn(state) });
    }
    await redis.heal();
    expect(await codes.verify({ purpose: PURPOSE, challenge, code })).toMatchObject({ kind: 'ok' });
    expect(await codes.verify({ purpose: PURPOSE, challenge, code })).toEqual({ kind: 'dead' });
  });

  test('a failover that forgets a code: the code is refused, and the user must ask for another one', async () => {
    const { codes } = browser({ rest: redis.rest() });
    const request = { purpose: PURPOSE, identifier: newIdentifier(), asker: newAsker() };
    const { challenge, code } = issued(await redis.forget(() => codes.issue(request)));
    expect(await codes.verify({ purpose: PURPOSE, challenge, code })).toEqual({ kind: 'dead' });
  });

  test('a failover that forgets guesses: they may be repeated, and a used code is valid until it expires', async () => {
    const { codes } = browser({ rest: redis.rest(), guesses: 2 });
    const { challenge, code } = issued(
      await codes.issue({ purpose: PURPOSE, identifier: newIdentifier(), asker: newAsker() }),
    );
    const verify = (guess: string) => codes.verify({ purpose: PURPOSE, challenge, code: guess });
    expect(await redis.forget(() => verify(otherThan(code)))).toEqual({ kind: 'wrong', left: 1 });
    expect(await redis.forget(() => verify(code))).toMatchObject({ kind: 'ok' });
    expect(await verify(otherThan(code))).toEqual({ kind: 'wrong', left: 1 });
    expect(await verify(code)).toMatchObject({ kind: 'ok' });
  });
});
