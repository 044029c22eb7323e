import type { Drill } from '../drill.ts';
import { IMPORT_PATH, importFact } from '../import-fact.ts';

export const redisLost: Drill = {
  name: 'redis-lost',
  says: 'Redis loses everything while requests run, between two slices of an import, and again inside a slice. Nothing has to be done.',
  facts: { 'running import': importFact },
  expected: {
    session: 'ended',
    'refresh token': 'ended',
    limit: 'begins again',
    'repeated call': 'runs again',
    draft: 'lost',
    'job result': 'lost',
    statistics: 'lost',
    'written behind': 'lost',
  },
  during: { 'writes around the loss': '10 of 10 made', losses: '2' },
  async breaks(world) {
    await Promise.all(Array.from({ length: 10 }, () => world.request('/deals?limit=5')));
  },
  async asks(world) {
    const { ask } = world.backup();
    let [slices, losses, made] = [0, 0, 0];
    const lose = async () => {
      losses += 1;
      await ask('FLUSHALL');
    };
    const loseAmongWrites = async () => {
      const writes = Array.from({ length: 5 }, () => world.addDeal());
      const lost = lose();
      const later = Array.from({ length: 5 }, () => world.addDeal());
      made = (await Promise.all([...writes, ...later])).filter(({ status }) => status === 201).length;
      await lost;
    };
    // The first request of a slice is its claim, so at the second one the lease is lost while the slice runs.
    const loseAtSecondRequest = () => {
      let requests = 0;
      world.rest.intercept = async (): Promise<'pass'> => {
        requests += 1;
        if (requests === 2) await lose();
        return 'pass';
      };
    };
    world.beforeDelivery = async (path) => {
      if (!path.includes(IMPORT_PATH)) return;
      slices += 1;
      if (slices === 2) await loseAmongWrites();
      if (slices === 4) loseAtSecondRequest();
    };
    await world.minutes(1);
    world.rest.intercept = undefined;
    return { 'writes around the loss': `${made} of 10 made`, losses: String(losses) };
  },
};
