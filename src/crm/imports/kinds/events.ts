/** The events of contacts and companies that an import or its undo writes. */
import type { Transaction } from '../../../platform/db/index.ts';
import { appendAll, type NewEventOf } from '../../../platform/events/index.ts';
import type { companyEvents } from '../../companies/events.ts';
import type { contactEvents } from '../../contacts/events.ts';
import type { Written } from './kind.ts';

/** The streams whose events need no data but the names of changed fields. */
type PlainStream = typeof contactEvents | typeof companyEvents;
type PlainEvent = NewEventOf<PlainStream['events']> & { key: string };

/** Returns the function that appends the events of written records to a stream. 1 statement, none without events. */
export function appendPlain(stream: PlainStream) {
  return (
    tx: Transaction,
    written: readonly Pick<Written<'contacts' | 'companies'>, 'before' | 'after' | 'fields'>[],
    actorId: string | null,
  ): Promise<void> => {
    const meta = metaOf(actorId);
    const events = written.flatMap(({ before, after, fields }): PlainEvent[] => {
      if (before === null) return after ? [{ key: after.id, type: 'created', data: {}, meta }] : [];
      if (after === null) return [{ key: before.id, type: 'deleted', data: {}, meta }];
      return fields.length === 0 ? [] : [{ key: after.id, type: 'updated', data: { fields: [...fields] }, meta }];
    });
    return appendAll(tx, stream as typeof contactEvents, events);
  };
}

/** Returns the meta of events by a user, or by a machine. */
export function metaOf(actorId: string | null): { actorId?: string } {
  return actorId === null ? {} : { actorId };
}
