import type { Drill } from '../drill.ts';

export const clockSkew: Drill = {
  name: 'clock-skew',
  says: 'The clock of the isolates is four minutes ahead of Redis, QStash and PostgreSQL, and then right again.',
  expected: {},
  during: { 'a read': '200', 'a write': '201' },
  async breaks(world) {
    world.skew.ms = 4 * 60_000;
  },
  async asks(world) {
    const found = {
      'a read': String((await world.request('/deals/pipeline')).status),
      'a write': String((await world.addDeal()).status),
    };
    await world.minutes(2);
    return found;
  },
  async mends(world) {
    world.skew.ms = 0;
    await world.minutes(1);
  },
};
