/**
 * The users' settings of lists. Settings change with every click, concern one user and may reach the database late. So
 * the settings use write-behind: Redis stores the settings before the response, and PostgreSQL stores the settings
 * within a minute, many rows in one statement.
 */
import { query } from '../../platform/cache/index.ts';
import { type DataContext, idSchema } from '../../platform/http/index.ts';
import { listTag } from '../tags.ts';
import { type ListSettings, listParamsSchema, listSettingsSchema, UNTOUCHED } from './schema.ts';

/**
 * A user's settings of a list. If the settings are missing or have an old form, the value is the default. While Redis
 * is down, the value comes from PostgreSQL and may lack the changes of the last minute.
 */
export const listSettings = query('list-settings', {
  args: listParamsSchema.extend({ userId: idSchema }).strict(),
  ttl: '1h',
  stale: '15m',
  tags: ({ userId, list }: { userId: string; list: string }) => [listTag(userId, list)],
  load: async ({ userId, list }, { tenant, db }: DataContext): Promise<ListSettings> => {
    const where = { tenantId_userId_list: { tenantId: tenant, userId, list } };
    const row = await (await db()).listSettings.findUnique({ where, select: { settings: true } });
    // The parse checks the form, and restores the order of properties, which jsonb changes. So the same settings always
    // have the same text and the same ETag.
    return listSettingsSchema.safeParse(row?.settings).data ?? UNTOUCHED;
  },
  async flush(writes, tx) {
    // One statement may write a row only once. So if several writes change the same list, only the last write is
    // stored.
    const last = new Map(writes.map((write) => [`${write.tenant} ${write.args.userId} ${write.args.list}`, write]));
    const rows = [...last.values()].map(({ tenant, args, value, at }) => ({
      tenant,
      user: args.userId,
      list: args.list,
      settings: value,
      at: new Date(at).toISOString(),
    }));
    // Writes of users that no longer exist are left out. The lock waits for deletions in progress, because a user that
    // is deleted during the statement would make the whole batch fail.
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
