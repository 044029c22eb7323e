import type { Drill } from '../drill.ts';

const NEXT = 'the next token';

export const tokenRotated: Drill = {
  name: 'token-rotated',
  says: 'The token of Redis is reset at once, as after a leak. Until the deployment with the new one, writes are refused.',
  expected: {},
  during: { 'a read': '200', 'a write': '503' },
  async breaks(world) {
    await world.replaceRedisToken(NEXT);
  },
  async asks(world) {
    return {
      'a read': String((await world.request('/deals/pipeline')).status),
      'a write': String((await world.addDeal()).status),
    };
  },
  async mends(world) {
    world.deploy({ UPSTASH_REDIS_REST_TOKEN: NEXT });
    await world.minutes(2);
  },
};
