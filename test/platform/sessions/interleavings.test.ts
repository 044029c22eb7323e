/**
 * In every order of requests to Redis and of answers: an ended session is refused from the acknowledgement on and never
 * becomes valid again, and no other session ends. The same without the condition of each script must fail, which proves
 * that the test notices a mistake.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Script } from '../../../src/platform/redis/index.ts';
import { touchScript, updateScript } from '../../../src/platform/sessions/change-entry.ts';
import { createScript } from '../../../src/platform/sessions/create-entry.ts';
import { rotateScript } from '../../../src/platform/sessions/rotate-entry.ts';
import { everyOrder, scheduler } from '../../support/interleave.ts';
import { startRest } from '../../support/rest.ts';
import { type Act, acts, play } from './story.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const pairs = acts.flatMap((one, index) => acts.slice(index).map((other) => [one, other] as const));

describe('two acts, in every order', () => {
  test.each(pairs)('%s and %s', async (...pair) => {
    const orders = await everyOrder((stop) => play(pair, stop, redis));
    expect(orders).toBeGreaterThanOrEqual(6);
  });
});

const story = (chosen: fc.Arbitrary<readonly Act[]>, rewrite?: (commands: unknown[][]) => unknown[][]) =>
  fc.asyncProperty(scheduler, chosen, async (order, these) => {
    const played = play(these, (label) => order.schedule(Promise.resolve(), label), {
      rest: redis.rest,
      ...(rewrite ? { rewrite } : {}),
    });
    // Without this wait, the first request made would always be the first to reach Redis.
    while (order.count() < these.length) await new Promise((resolve) => setImmediate(resolve));
    await order.waitFor(played);
  });

test('three to six acts, in random orders', async () => {
  const some = fc.array(fc.constantFrom(...acts), { minLength: 3, maxLength: 6 });
  await fc.assert(story(some), { numRuns: 250 });
});

/** Replaces the text of scripts. Each line to remove must exist. */
function without(script: Pick<Script<unknown>, 'text' | 'sha1'>, lines: readonly RegExp[]) {
  let text = script.text;
  for (const line of lines) {
    expect(text).toMatch(line);
    text = text.replace(line, '');
  }
  return (commands: unknown[][]) =>
    commands.map(([name, what, ...rest]) =>
      what === script.sha1 || what === script.text ? ['eval', text, ...rest] : [name, what, ...rest],
    );
}

describe('without its condition', () => {
  test.each([
    ['touch', touchScript, [/^if redis.call\('HEXISTS'.*$/m], ['validate', 'revoke']],
    ['update', updateScript, [/^if redis.call\('HEXISTS'.*$/m], ['update', 'revoke']],
    ['rotate', rotateScript, [/^if redis.call\('HEXISTS'.*$/m], ['rotate', 'revoke']],
    [
      'create',
      createScript,
      [/^if epoch\(tenantEpochKey\).*$/m, /^for i = 3, #KEYS, 2 do\n(?: {2}.*\n)+end$/m],
      ['create', 'revokeOthers', 'create'],
    ],
  ] as const)('%s makes an ended session valid again', async (_, script, lines, chosen) => {
    const rewrite = without(script, lines);
    const sound = await fc.check(story(fc.constant(chosen)), { numRuns: 30 });
    expect(sound.failed).toBe(false);
    const broken = await fc.check(story(fc.constant(chosen), rewrite), { numRuns: 300, endOnFailure: true });
    expect(broken.failed).toBe(true);
    expect(String(broken.errorInstance)).toMatch(
      /comes back|fields without|acknowledgement|worth something|made since/,
    );
  });
});
