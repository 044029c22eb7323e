/** Removes the words of removed rows every night. */
import { forEachTenant, schedule } from '../../platform/jobs/index.ts';
import { forgetWords } from '../../platform/search/index.ts';
import { prismaStore } from '../../platform/sql/index.ts';
import { searchKinds } from './kinds.ts';

export const forgetSearchWords = schedule('crm.search-words', {
  cron: '50 2 * * *',
  timeout: '14m',
  async run(context) {
    const kinds = searchKinds.map(({ kind }) => kind);
    const { signal } = context;
    let forgotten = 0;
    const tenants = await forEachTenant(context, async ({ tenant, db }) => {
      forgotten += await forgetWords(prismaStore(db), { tenant, kinds, signal });
    });
    return { tenants, forgotten };
  },
});
