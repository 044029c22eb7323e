import type { Drill } from '../drill.ts';

export const redisLost: Drill = {
  name: 'redis-lost',
  says: 'Redis loses everything while requests run. Nothing has to be done.',
  expected: {
    session: 'ended',
    'refresh token': 'ended',
    limit: 'begins again',
    'repeated call': 'runs again',
    draft: 'lost',
    'job result': 'lost',
    statistics: 'lost',
  },
  during: { 'writes around the loss': '10 of 10 made' },
  async breaks(world) {
    await Promise.all(Array.from({ length: 10 }, () => world.request('/deals?limit=5')));
  },
  async asks(world) {
    const writes = Array.from({ length: 5 }, () => world.addDeal());
    const lost = world.backup().ask('FLUSHALL');
    const later = Array.from({ length: 5 }, () => world.addDeal());
    const made = (await Promise.all([...writes, ...later])).filter(({ status }) => status === 201);
    await lost;
    return { 'writes around the loss': `${made.length} of 10 made` };
  },
};
