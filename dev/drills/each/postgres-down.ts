import type { Drill } from '../drill.ts';

export const postgresDown: Drill = {
  name: 'postgres-down',
  says: 'PostgreSQL does not answer. Cached answers go on; everything else is refused until it is back.',
  expected: {},
  during: { 'a cached read': '200', 'another read': '503', 'a write': '503' },
  async breaks(world) {
    await world.request('/deals/pipeline');
    await world.database.stop();
  },
  async asks(world) {
    return {
      'a cached read': String((await world.request('/deals/pipeline')).status),
      'another read': String((await world.request('/deals?limit=7')).status),
      'a write': String((await world.addDeal()).status),
    };
  },
  async mends(world) {
    await world.database.start();
    await world.minutes(2);
  },
};
