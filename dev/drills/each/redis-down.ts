import type { Drill } from '../drill.ts';

export const redisDown: Drill = {
  name: 'redis-down',
  says: 'Redis does not answer for a minute. Nothing has to be done: the drain sends what is in the outbox.',
  expected: {},
  during: { 'a read': '200', 'a write': '201', 'a sign-in': '503' },
  async breaks(world) {
    world.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
  },
  async asks(world) {
    const { email, password } = world.tenant;
    return {
      'a read': String((await world.request('/deals/pipeline')).status),
      'a write': String((await world.addDeal()).status),
      'a sign-in': String((await world.request('/auth/sign-in', { json: { email, password }, headers: {} })).status),
    };
  },
  async mends(world) {
    await world.minutes(1);
    world.rest.intercept = undefined;
    await world.minutes(2);
  },
};
