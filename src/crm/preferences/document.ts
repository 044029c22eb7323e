/** The durable document of a user's preferences. Its id is the id of the user. */
import type { Transaction } from '../../platform/db/index.ts';
import { document, loadDurable } from '../../platform/documents/index.ts';
import { chosenSchema, type NotificationKind, withDefaults } from './schema.ts';

export const preferences = document('preferences', { schema: chosenSchema, show: withDefaults });

/** Returns the users who want notifications of a kind, in their order. 1 statement. */
export async function usersWhoWant(
  tx: Transaction,
  kind: NotificationKind,
  userIds: readonly string[],
): Promise<string[]> {
  const chosen = await loadDurable(tx, preferences, userIds);
  return userIds.filter((userId) => withDefaults(chosen.get(userId) ?? {}).notify[kind]);
}
