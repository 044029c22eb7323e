/** The schedule that deletes scrapped vehicles. */
import { forEachTenant, schedule } from '../platform/jobs/index.ts';
import { vehicleTags } from './vehicle.ts';

export const forgetScrapped = schedule('fleet.forget-scrapped', {
  cron: '5 * * * *',
  async run(context) {
    let forgotten = 0;
    await forEachTenant(context, ({ commit, tenant }) =>
      commit(async ({ db, invalidate }) => {
        const { count } = await db.vehicle.deleteMany({ where: { tenantId: tenant, scrapped: true } });
        if (count > 0) invalidate(vehicleTags.all);
        forgotten += count;
      }),
    );
    return { forgotten };
  },
});
