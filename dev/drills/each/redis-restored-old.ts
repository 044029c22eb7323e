import { newEra } from '../../backup/new-era.ts';
import { copyKey, createKey } from '../../saved/keys.ts';
import type { Drill } from '../drill.ts';

export const redisRestoredOld: Drill = {
  name: 'redis-restored-old',
  says: 'The provider puts an old state of Redis in the place of the present one. Run `npm run redis:new-era -- --restored`.',
  expected: { session: 'ended', 'refresh token': 'ended', 'written behind': 'lost' },
  during: { 'deals before the new era': '3 less than there are' },
  async breaks(world) {
    const { ask } = world.backup();
    await world.request('/deals/pipeline');
    const keys = (await ask('KEYS', '*')) as Buffer[];
    const copies = await Promise.all(keys.map((key) => copyKey(ask, key, world.clock.now())));
    for (let deal = 0; deal < 3; deal += 1) await world.addDeal();
    await ask('FLUSHALL');
    for (const copy of copies) if (copy) await createKey(ask, copy, world.clock.now());
  },
  async asks(world) {
    const { total } = (await (await world.request('/deals/pipeline')).json()) as { total: { count: number } };
    const rows = await world.ask('SELECT id FROM deals WHERE tenant_id = $1', [world.tenant.id]);
    return { 'deals before the new era': `${rows.length - total.count} less than there are` };
  },
  async mends(world) {
    await newEra(world.backup(), { restored: true, keepSessions: false });
  },
};
