/** The events of deals. Deals from before the first event have no history. */
import { z } from 'zod';
import type { Transaction } from '../../platform/db/index.ts';
import { append, type NewEventOf, stream } from '../../platform/events/index.ts';
import { type Deal, type Stage, stageSchema } from './schema.ts';

/** An amount with the decimal places of its currency. */
const value = z.string().regex(/^-?\d+(\.\d{2,4})?$/);
const closing = z.object({ from: stageSchema.nullable(), value, createdAt: z.iso.datetime() });

export const dealEvents = stream('deals', {
  events: {
    created: { schema: z.object({ stage: stageSchema, value }) },
    /** Fields other than the stage were changed. */
    changed: { schema: z.object({ fields: z.array(z.string()) }) },
    /** The deal moved to another stage in which deals are open. */
    moved: { schema: z.object({ from: stageSchema, to: stageSchema, value }) },
    won: { schema: closing },
    lost: { schema: closing },
    deleted: { schema: z.object({}) },
  },
});

/** The fields of a deal that its events have, in the form of answers. */
export type DealState = Pick<Deal, 'id' | 'stage' | 'value' | 'createdAt'>;
type DealEvent = NewEventOf<typeof dealEvents.events> & { key: string };

/** Returns the events of a new deal. */
export function eventsOfNew(deal: DealState): DealEvent[] {
  const { id: key, stage, value } = deal;
  const created: DealEvent = { key, type: 'created', data: { stage, value } };
  return isClosed(stage) ? [created, closed(deal, stage, null)] : [created];
}

/** Returns the events of a change: the other changed fields, and the new stage. */
export function eventsOfChange(before: DealState, deal: DealState, fields: readonly string[]): DealEvent[] {
  const { id: key, stage: to, value } = deal;
  const { stage: from } = before;
  const others = fields.filter((field) => field !== 'stage');
  const events: DealEvent[] = others.length > 0 ? [{ key, type: 'changed', data: { fields: others } }] : [];
  if (from === to) return events;
  return [...events, isClosed(to) ? closed(deal, to, from) : { key, type: 'moved', data: { from, to, value } }];
}

/** Returns the event of a deleted deal. */
export function eventOfRemoval(key: string): DealEvent {
  return { key, type: 'deleted', data: {} };
}

/** Appends the events of one deal, in their order. 1 statement for each. */
export async function appendDealEvents(tx: Transaction, events: readonly DealEvent[]): Promise<void> {
  for (const { key, ...event } of events) {
    // A deal is created once, so its first event needs no search for an earlier one.
    await append(tx, dealEvents, key, event, event.type === 'created' ? { expect: 0 } : {});
  }
}

/** Returns whether a deal in this stage is closed. */
export function isClosed(stage: Stage): stage is 'won' | 'lost' {
  return stage === 'won' || stage === 'lost';
}

function closed({ id: key, value, createdAt }: DealState, type: 'won' | 'lost', from: Stage | null): DealEvent {
  return { key, type, data: { from, value, createdAt } };
}
