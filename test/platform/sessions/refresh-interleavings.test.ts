/**
 * Simultaneous refreshes with lost answers, in every order: one family, one successor, and the user stays signed in.
 * And refreshes during revocations: ended tokens stay ended.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TransportFetch } from '../../../src/platform/redis/index.ts';
import { type RefreshOutcome, SessionError } from '../../../src/platform/sessions/index.ts';
import { useScript } from '../../../src/platform/sessions/use-refresh-token.ts';
import { everyOrder, type Stop, scheduler, stoppingFetch } from '../../support/interleave.ts';
import { startRest } from '../../support/rest.ts';
import { createIsolate, newTenant, presentedRefresh } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

type Refreshed = RefreshOutcome | { kind: 'lost' };
type Rewrite = (commands: unknown[][]) => unknown[][];

/** Several callers use one token at the same time; some lose their answers and repeat the request. */
async function together(losing: readonly boolean[], stop: Stop, rewrite?: Rewrite): Promise<void> {
  const tenant = newTenant();
  const calm = createIsolate({ rest: redis.rest, tenant });
  const { tokens } = await calm.issue();
  const presented = presentedRefresh(tokens.refreshToken);

  async function refresh(label: string, lost: boolean): Promise<Refreshed> {
    const through = stoppingFetch(stop, label, rewrite ? { rewrite } : {});
    const fetch: TransportFetch = async (url, request) => {
      const response = await through(url, request);
      if (lost) throw new TypeError('terminated');
      return response;
    };
    const isolate = createIsolate({ rest: redis.rest, tenant, fetch });
    try {
      return await isolate.tokens.refresh(presented);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return { kind: 'lost' };
    }
  }
  const outcomes = await Promise.all(
    losing.map(async (lost, index) => {
      const outcome = await refresh(`${index}`, lost);
      return outcome.kind === 'lost' ? refresh(`${index} again`, false) : outcome;
    }),
  );

  const successors = new Set(outcomes.map((each) => ('tokens' in each ? each.tokens.refreshToken : each.kind)));
  expect(successors.size, 'different successors').toBe(1);
  expect(outcomes.filter(({ kind }) => kind === 'rotated').length).toBeLessThanOrEqual(1);
  const [successor = ''] = successors;
  expect((await calm.tokens.refresh(presentedRefresh(successor))).kind).toBe('rotated');
  expect(await calm.sessions.list('user_1')).toHaveLength(1);
}

describe('simultaneous refreshes', () => {
  test.each([
    ['two', [false, false]],
    ['two, of which one’s answer is lost', [true, false]],
    ['two with lost answers', [true, true]],
  ])('%s, in every order', async (_, losing) => {
    expect(await everyOrder((stop) => together(losing, stop))).toBeGreaterThanOrEqual(6);
  });

  test('up to five, in random orders', async () => {
    const callers = fc.array(fc.boolean(), { minLength: 3, maxLength: 5 });
    const property = fc.asyncProperty(scheduler, callers, async (order, losing) => {
      const played = together(losing, (label) => order.schedule(Promise.resolve(), label));
      // Without this wait, the first request made would always be the first to reach Redis.
      while (order.count() < losing.length) await new Promise((resolve) => setImmediate(resolve));
      await order.waitFor(played);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('two without the grace period would count as a theft, which the test notices', async () => {
    const line = /^if behind == 1 .*$/m;
    expect(useScript.text).toMatch(line);
    const rewrite: Rewrite = (commands) =>
      commands.map(([name, what, ...rest]) =>
        what === useScript.sha1 || what === useScript.text
          ? ['eval', useScript.text.replace(line, ''), ...rest]
          : [name, what, ...rest],
      );
    await expect(together([false, false], async () => undefined, rewrite)).rejects.toThrow('different successors');
  });
});

describe('during a revocation, in every order', () => {
  test.each(['revokeAll', 'revokeTenant', 'revoke', 'sign-out'] as const)('%s', async (way) => {
    await everyOrder(async (stop) => {
      const tenant = newTenant();
      const calm = createIsolate({ rest: redis.rest, tenant });
      const { tokens, id } = await calm.issue();
      const presented = presentedRefresh(tokens.refreshToken);
      const isolate = (label: string) => createIsolate({ rest: redis.rest, tenant, fetch: stoppingFetch(stop, label) });
      const end = async () => {
        const { sessions, tokens } = isolate('end');
        if (way === 'revokeAll') await sessions.revokeAll('user_1');
        else if (way === 'revokeTenant') await sessions.revokeTenant();
        else if (way === 'revoke') await sessions.revoke({ userId: 'user_1', id });
        else await tokens.revoke(presented);
      };
      const [outcome] = await Promise.all([isolate('refresh').tokens.refresh(presented), end()]);
      expect(['rotated', 'invalid']).toContain(outcome.kind);
      for (const token of [tokens, ...('tokens' in outcome ? [outcome.tokens] : [])]) {
        expect(await calm.tokens.refresh(presentedRefresh(token.refreshToken))).toEqual({ kind: 'invalid' });
        expect(await calm.tokens.validate(token.accessToken)).toBeNull();
      }
      expect(await calm.sessions.list('user_1')).toEqual([]);
    });
  });
});
