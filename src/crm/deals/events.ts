/** The events of deals. Deals from before the first event have no history. */
import { z } from 'zod';
import type { Transaction } from '../../platform/db/index.ts';
import { append, stream } from '../../platform/events/index.ts';
import { type DealRow, valueText } from './deal.ts';
import { stageSchema } from './schema.ts';

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

/** Appends the events of a new deal. 1 or 2 statements. */
export async function appendCreated(tx: Transaction, row: DealRow): Promise<void> {
  const { id, stage } = row;
  await append(tx, dealEvents, id, { type: 'created', data: { stage, value: valueText(row) } });
  if (stage === 'won' || stage === 'lost') await appendClosed(tx, row, stage, null);
}

/** Appends the events of a change: the new stage, and the other changed fields. At most 2 statements. */
export async function appendChanged(
  tx: Transaction,
  before: DealRow,
  row: DealRow,
  fields: readonly string[],
): Promise<void> {
  const others = fields.filter((field) => field !== 'stage');
  if (others.length > 0) await append(tx, dealEvents, row.id, { type: 'changed', data: { fields: others } });
  const { stage: from } = before;
  const { stage: to } = row;
  if (from === to) return;
  if (to === 'won' || to === 'lost') return appendClosed(tx, row, to, from);
  await append(tx, dealEvents, row.id, { type: 'moved', data: { from, to, value: valueText(row) } });
}

/** Appends the event of a deleted deal. 1 statement. */
export async function appendDeleted(tx: Transaction, id: string): Promise<void> {
  await append(tx, dealEvents, id, { type: 'deleted', data: {} });
}

async function appendClosed(
  tx: Transaction,
  row: DealRow,
  type: 'won' | 'lost',
  from: DealRow['stage'] | null,
): Promise<void> {
  const data = { from, value: valueText(row), createdAt: row.createdAt.toISOString() };
  await append(tx, dealEvents, row.id, { type, data });
}
