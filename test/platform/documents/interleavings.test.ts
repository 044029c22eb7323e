/**
 * Durable documents in every order of requests, answers and COMMITs: a read has each patch that was acknowledged before
 * the read began, and the copy in Redis never lacks a patch that the row has. The same without the condition of each
 * script must fail, which proves that the test notices a mistake.
 */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillCopyScript, readCopyScript, settleCopyScript } from '../../../src/platform/documents/durable-scripts.ts';
import type { Script } from '../../../src/platform/redis/index.ts';
import { adminRedis } from '../../support/admin-redis.ts';
import { counted, everyOrder, type Stop, scheduler } from '../../support/interleave.ts';
import { startRest, TOKEN } from '../../support/rest.ts';
import { createStage, type Rewrite, type Value } from './stage.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
const at = () => ({ url: redis.rest.url, token: TOKEN });
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const acts = ['read', 'patch', 'patch without an answer to its mark', 'patch without an answer to its settle'] as const;
type Act = (typeof acts)[number] | 'flush';
const LOST: Partial<Record<Act, number>> = {
  'patch without an answer to its mark': 1,
  'patch without an answer to its settle': 2,
};
const free: Stop = () => Promise.resolve();

/** Plays acts at the same time, on a document whose copy may be in Redis. */
async function play(
  these: readonly Act[],
  stop: Stop,
  { warm = true, rewrite = undefined as Rewrite | undefined } = {},
) {
  const stage = createStage(at(), rewrite);
  const calm = stage.isolate(free, 'calm');
  await calm.patch({ zero: 0 });
  if (warm) await calm.read();
  const acknowledged: Value = { zero: 0 };
  await Promise.all(
    these.map(async (act, number) => {
      const own = stage.isolate(stop, `${number} ${act}`, LOST[act]);
      if (act === 'flush') {
        await stop(`${number} flush asks`);
        await counted(() => adminRedis({ url: redis.rest.url }).flushdb());
        await stop(`${number} flush hears`);
      } else if (act === 'read') {
        const before = { ...acknowledged };
        expect(await own.read(), 'a read').toMatchObject(before);
      } else {
        await own.patch({ [`n${number}`]: number });
        acknowledged[`n${number}`] = number;
      }
    }),
  );
  for (let time = 0; time < 2; time += 1) expect(await calm.read(), 'a later read').toEqual(stage.stored());
}

const isLost = (act: Act) => LOST[act] !== undefined;
// One fault at a time: a lost answer needs the drain only if a second fault hits the same document.
const pairs = acts
  .flatMap((one, index) => acts.slice(index).map((other) => [one, other] as const))
  .filter((pair) => pair.filter(isLost).length < 2);

describe('two acts, in every order', () => {
  test.each(pairs)('%s and %s, with a copy', async (...pair) => {
    expect(await everyOrder((stop) => play(pair, stop))).toBeGreaterThanOrEqual(6);
  });

  test.each([
    ['read', 'patch'],
    ['read', 'read'],
    ['patch', 'patch'],
  ] as const)('%s and %s, without a copy', async (...pair) => {
    expect(await everyOrder((stop) => play(pair, stop, { warm: false }))).toBeGreaterThanOrEqual(6);
  });

  test.each(['read', 'patch'] as const)('%s and a flush of Redis', async (act) => {
    expect(await everyOrder((stop) => play([act, 'flush'], stop))).toBeGreaterThanOrEqual(6);
  });
});

const story = (chosen: fc.Arbitrary<readonly Act[]>, rewrite?: Rewrite) =>
  fc.asyncProperty(scheduler, chosen, fc.boolean(), async (order, these, warm) => {
    const played = play(these, (label) => order.schedule(Promise.resolve(), label), { warm, rewrite });
    let isOver = false;
    played
      .catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
    // Without this wait, the first request made would always be the first to reach Redis.
    while (order.count() < these.length && !isOver) await new Promise((resolve) => setImmediate(resolve));
    await order.waitFor(played);
  });

test('three to five acts, in random orders', async () => {
  const some = fc.array(fc.constantFrom<Act>('read', 'patch', 'flush'), { minLength: 3, maxLength: 5 });
  await fc.assert(story(some), { numRuns: 150 });
});

/** Changes the text of a script. The changed part must exist. */
function changed(script: Pick<Script<unknown>, 'text' | 'sha1'>, from: string, to: string): Rewrite {
  expect(script.text).toContain(from);
  const text = script.text.replace(from, to);
  return (commands) =>
    commands.map((command) => {
      const [, given, ...rest] = command;
      return given === script.sha1 || given === script.text ? ['eval', text, ...rest] : command;
    });
}

describe('without its condition', () => {
  test.each([
    [
      'read returns an old copy',
      () => changed(readCopyScript, "if redis.call('HGET', copy, 't') ~= version then", 'if false then'),
      ['read', 'patch'],
    ],
    [
      'fill stores an old copy',
      () =>
        changed(
          fillCopyScript,
          "if redis.call('GET', tag) ~= version then return 0 end",
          "version = redis.call('GET', tag)",
        ),
      ['read', 'patch', 'read'],
    ],
    [
      'settle makes a copy that lacks earlier patches',
      () => changed(settleCopyScript, 'local current = alone and', 'alone = true\nlocal current = true or'),
      ['patch', 'flush'],
    ],
  ] as const)('%s', async (_name, rewrite, these) => {
    const broken = await fc.check(story(fc.constant(these), rewrite()), { numRuns: 300, endOnFailure: true });
    expect(String(broken.errorInstance)).toMatch(/a read|a later read/);
  });
});
