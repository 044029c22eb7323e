/**
 * How people have their lists set up. It changes with every click, matters to one person and may arrive late, so it is
 * written behind: Redis has it when it is acknowledged, and PostgreSQL within a minute, many of them in one statement.
 */
import { query } from '../../platform/cache/index.ts';
import { type DataContext, idSchema } from '../../platform/http/index.ts';
import { listTag } from '../tags.ts';
import { type ListSettings, listParamsSchema, listSettingsSchema, UNTOUCHED } from './schema.ts';

/**
 * Somebody's settings of a list. What was never set up, or in a form that is not known any more, is as it was at first.
 * While Redis is away PostgreSQL answers, which may not have the last minute's.
 */
export const listSettings = query('list-settings', {
  args: listParamsSchema.extend({ userId: idSchema }).strict(),
  ttl: '1h',
  stale: '15m',
  tags: ({ userId, list }: { userId: string; list: string }) => [listTag(userId, list)],
  load: async ({ userId, list }, { tenant, db }: DataContext): Promise<ListSettings> => {
    const where = { tenantId_userId_list: { tenantId: tenant, userId, list } };
    const row = await (await db()).listSettings.findUnique({ where, select: { settings: true } });
    // Parsed for its form, and because jsonb has an order of its own: the text is the one that was pending.
    return listSettingsSchema.safeParse(row?.settings).data ?? UNTOUCHED;
  },
  async flush(writes, tx) {
    // A statement may write a row once. Of several writes of one list the last stands.
    const last = new Map(writes.map((write) => [`${write.tenant} ${write.args.userId} ${write.args.list}`, write]));
    const rows = [...last.values()].map(({ tenant, args, value, at }) => ({
      tenant,
      user: args.userId,
      list: args.list,
      settings: value,
      at: new Date(at).toISOString(),
    }));
    // Whoever is gone is left out; one who is just being deleted is waited for, so that a batch never fails for them.
    await tx.$executeRaw`
      INSERT INTO list_settings (tenant_id, user_id, list, settings, updated_at)
      SELECT saved.tenant, saved."user", saved.list, saved.settings, saved.at
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS saved (tenant text, "user" text, list text, settings jsonb, at timestamp(3))
      JOIN users ON users.tenant_id = saved.tenant AND users.id = saved."user"
      FOR KEY SHARE OF users
      ON CONFLICT (tenant_id, user_id, list)
        DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at`;
  },
});
