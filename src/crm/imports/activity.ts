/** The activity of an import. */
import type { Transaction } from '../../platform/db/index.ts';
import { recordActivity } from '../activities/record.ts';

/** Records a whole file as one activity, because the feed shows actions of users and not rows. */
export async function recordImport(
  tx: Transaction,
  { id, actorId, imported, updated }: { id: string; actorId: string | null; imported: number; updated: number },
): Promise<void> {
  const data = { imported: String(imported), updated: String(updated) };
  await recordActivity(tx, { verb: 'imported', entityType: 'contact', entityId: id, data, actorId });
}
