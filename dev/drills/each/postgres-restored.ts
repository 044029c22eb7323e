import { newEra } from '../../backup/new-era.ts';
import type { Drill } from '../drill.ts';

export const postgresRestored: Drill = {
  name: 'postgres-restored',
  says: 'PostgreSQL is put back to before three acknowledged writes, so Redis is ahead of it. Run `npm run redis:new-era`.',
  expected: { 'acknowledged writes': '3 lost' },
  during: { 'deals before the new era': '3 more than there are' },
  async breaks(world) {
    await world.database.copy();
    for (let deal = 0; deal < 3; deal += 1) await world.addDeal();
    await world.request('/deals/pipeline');
    await world.database.restore();
  },
  async asks(world) {
    const { total } = (await (await world.request('/deals/pipeline')).json()) as { total: { count: number } };
    const rows = await world.ask('SELECT id FROM deals WHERE tenant_id = $1', [world.tenant.id]);
    return { 'deals before the new era': `${total.count - rows.length} more than there are` };
  },
  async mends(world) {
    await newEra(world.backup(), { restored: false, keepSessions: false });
  },
};
