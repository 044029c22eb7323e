import type { Drill } from '../drill.ts';

export const redisFull: Drill = {
  name: 'redis-full',
  says: 'Redis is full, then read-only. Nothing is served that is older than a write; a larger plan or a promotion mends it.',
  expected: {},
  during: {
    'full: a read': '200',
    'full: a write': '201',
    'full: a sign-in': '503',
    'read-only: a read': '200',
    'read-only: a write': '503',
    'read-only: a sign-in': '503',
  },
  async breaks(world) {
    await world.redisRefuses('OOM');
  },
  async asks(world) {
    const { email, password } = world.tenant;
    const found: Record<string, string> = {};
    for (const [state, refuses] of [
      ['full', 'OOM'],
      ['read-only', 'READONLY'],
    ] as const) {
      await world.redisRefuses(refuses);
      found[`${state}: a read`] = String((await world.request('/deals/pipeline')).status);
      found[`${state}: a write`] = String((await world.addDeal()).status);
      const signIn = await world.request('/auth/sign-in', { json: { email, password }, headers: {} });
      found[`${state}: a sign-in`] = String(signIn.status);
    }
    return found;
  },
  async mends(world) {
    await world.redisRefuses(undefined);
    await world.minutes(2);
  },
};
