/** The events of deals that an import or its undo writes. */
import type { Transaction } from '../../../platform/db/index.ts';
import { appendAll } from '../../../platform/events/index.ts';
import { dealEvents, eventOfRemoval, eventsOfChange, eventsOfNew } from '../../deals/events.ts';
import { metaOf } from './events.ts';
import type { Written } from './kind.ts';

/** Appends the events of written deals. 1 statement; 1 more if a deal has two events, none without events. */
export async function appendDeals(
  tx: Transaction,
  written: readonly Written<'deals'>[],
  actorId: string | null,
): Promise<void> {
  const events = written.flatMap(({ before, after, fields }) => {
    if (after === null) return before === null ? [] : [eventOfRemoval(before.id)];
    return before === null ? eventsOfNew(after) : eventsOfChange(before, after, fields);
  });
  const meta = metaOf(actorId);
  await appendAll(
    tx,
    dealEvents,
    events.map((event) => ({ ...event, meta })),
  );
}
