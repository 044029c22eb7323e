/** The activity of an import. */
import type { Transaction } from '../../platform/db/index.ts';
import { recordActivity } from '../activities/record.ts';
import { kinds } from './kinds/index.ts';
import type { ImportKind } from './read/plan.ts';

/** The fields of an ended import that its activity shows. */
interface ImportEnd {
  id: string;
  kind: ImportKind;
  actorId: string | null;
  imported: number;
  updated: number;
}

/** Records a whole file as one activity, because the feed shows actions of users and not rows. */
export async function recordImport(
  tx: Transaction,
  { id, kind, actorId, imported, updated }: ImportEnd,
): Promise<void> {
  const data = { imported: String(imported), updated: String(updated) };
  await recordActivity(tx, { verb: 'imported', entityType: kinds[kind].entity, entityId: id, data, actorId });
}
