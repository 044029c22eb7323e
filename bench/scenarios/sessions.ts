/**
 * Measures sessions with ten thousand users signed in: the latency of a sign-in, of a session lookup, and of ending
 * all sessions of a user, for one waiting caller. Every operation has a new session service, like every request. The
 * peers have no sessions, so there is no comparison.
 */
import { createBreaker, createRedisMeter, createTransport, RedisClient } from '../../src/platform/redis/index.ts';
import { createAuthKeys, createSessions, parseSessionToken, type Sessions } from '../../src/platform/sessions/index.ts';
import { realSystem } from '../../src/platform/system.ts';
import type { Bench, Row } from '../bench.ts';
import { median, percentile } from '../measure/summary.ts';

/** The number of callers that sign users in before the measurement. */
const FILLING = 32;

/** Measures the sessions. */
export async function sessions(bench: Bench): Promise<Row[]> {
  const people = bench.quick ? 1_000 : 10_000;
  const measured = bench.quick ? 200 : 2_000;
  const many = people.toLocaleString('en');
  bench.progress(`${many} sessions`);
  await bench.rest.ignore();
  const open = sessionsOf(bench);
  const tokens: string[] = [];
  const signIn = async (index: number) => {
    const sessions = open();
    const userId = `user_${index}`;
    const epochs = await sessions.readEpochs(userId);
    const outcome = await sessions.create({ userId, role: 'member', methods: ['pwd'] }, epochs);
    if (outcome.kind === 'created') tokens[index] = outcome.token;
  };

  await timed(people - measured, FILLING, signIn);
  const create = await timed(measured, 1, (index) => signIn(people - measured + index));
  let found = 0;
  const validate = await timed(measured, 1, async (index) => {
    // The lookups are spread over all sessions, not in the order of their creation.
    const presented = parseSessionToken(tokens[(index * 7_919) % people] ?? '');
    if (presented && (await open().validate(presented))) found += 1;
  });
  if (found !== measured) throw new Error(`${measured - found} of ${measured} sessions were not found`);
  const end = await timed(measured / 10, 1, (index) => open().revokeAll(`user_${index}`));

  const row = (id: string, title: string, times: readonly number[]): Row => {
    const [p50, p95, p99] = [median(times), percentile(times, 0.95), percentile(times, 0.99)].map(ms);
    return { id, title: `${title}: p50 / p95 / p99`, cells: { holdfast: { text: `${p50} / ${p95} / ${p99} ms` } } };
  };
  return [
    row('session-create', `sign-in with ${many} live sessions (epochs, then session)`, create),
    row('session-validate', `session lookup, of ${many}`, validate),
    row('session-end', 'end all sessions of a user', end),
  ];
}

/** Creates the session service of a new request. */
function sessionsOf({ rest }: Bench): () => Sessions {
  const keys = createAuthKeys(`bench:${btoa('bench'.padEnd(32, '.'))}`);
  const now = () => Date.now();
  const breaker = createBreaker({ now });
  const tenant = `bench-${Date.now().toString(36)}`;
  return () => {
    const meter = createRedisMeter();
    const transport = createTransport({ url: rest.url, token: rest.token, meter, breaker, now, timeout: 10_000 });
    const after = (work: () => Promise<unknown>) => void work().catch(() => undefined);
    return createSessions({ tenant, redis: new RedisClient(transport), system: realSystem, keys, after });
  };
}

/** Runs an operation `count` times and returns the duration of each, in ms. */
async function timed(
  count: number,
  callers: number,
  operation: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const caller = async () => {
    for (let index = next++; index < count; index = next++) {
      const started = performance.now();
      await operation(index);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

function ms(time: number): string {
  return time.toFixed(time < 10 ? 1 : 0);
}
