/**
 * Appends an event for each write of the CRM. Every write records an activity, so `recordActivity` calls this; a write
 * whose verb is no event of its stream is refused.
 */
import { z } from 'zod';
import type { Transaction } from '../platform/db/index.ts';
import { append, type Stream } from '../platform/events/index.ts';
import { companyEvents } from './companies/events.ts';
import { contactEvents } from './contacts/events.ts';
import { projectEvents } from './projects/events.ts';
import { taskEvents } from './tasks/events.ts';
import { userEvents } from './users/events.ts';

/** The kinds of rows that have activities. */
export type Kind = 'user' | 'company' | 'contact' | 'deal' | 'project' | 'task';

/** The streams of events by kind. The writes of deals append their events themselves, because these have more data. */
export const writeStreams: Readonly<Record<Kind, Stream | null>> = {
  user: userEvents,
  company: companyEvents,
  contact: contactEvents,
  deal: null,
  project: projectEvents,
  task: taskEvents,
};

/** The write of an event. */
interface Write {
  verb: string;
  entityType: Kind;
  entityId: string;
  data: Readonly<Record<string, unknown>>;
  actorId: string | null;
}

/**
 * Appends the event of a write. Of the details, the event has those that its schema names. 1 SQL statement.
 * @throws {EventError} `EVENT_INVALID`
 */
export async function appendWrite(
  tx: Transaction,
  { verb, entityType, entityId, data, actorId }: Write,
): Promise<void> {
  const stream = writeStreams[entityType];
  if (!stream) return;
  const schema = stream.events[verb]?.schema;
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const kept = Object.fromEntries(names.map((name) => [name, data[name]]));
  await append(tx, stream, entityId, { type: verb, data: kept, meta: actorId === null ? {} : { actorId } });
}
