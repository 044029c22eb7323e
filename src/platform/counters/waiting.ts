/** The numbers of an isolate that wait for a flush: the batches that a flush takes, and their sums. */
import type { Batch, Slot } from './apply.ts';

/** The maximum number of fields in one command; see docs/observe.md for its time. */
export const MOST_FIELDS = 400;
/** The maximum number of commands of one flush. The other numbers are sent with the next request. */
const MOST_BATCHES = 8;

/**
 * Takes the batches of one flush, the oldest minutes first. `before` is the number of the last batch that the isolate has
 * taken.
 */
export function takeBatches(
  slots: Map<number, Slot>,
  { before, takenAt, mostFields }: { before: number; takenAt: number; mostFields: number },
): Batch[] {
  const batches: Batch[] = [];
  while (slots.size > 0 && batches.length < MOST_BATCHES) {
    const sequence = before + batches.length + 1;
    batches.push({ sequence, takenAt, follows: batches.length > 0, slots: takeFrom(slots, mostFields) });
  }
  return batches;
}

/** Removes up to `most` changes, the oldest minutes first, and returns them. */
function takeFrom(slots: Map<number, Slot>, most: number): Map<number, Slot> {
  const taken = new Map<number, Slot>();
  let left = most;
  for (const minute of [...slots.keys()].sort((one, other) => one - other)) {
    const slot: Slot = slots.get(minute) ?? new Map();
    const part: Slot = new Map();
    for (const [group, fields] of slot) {
      const takenFields = [...fields].slice(0, left);
      for (const [field] of takenFields) fields.delete(field);
      left -= takenFields.length;
      if (takenFields.length > 0) part.set(group, new Map(takenFields));
      if (fields.size === 0) slot.delete(group);
    }
    if (part.size > 0) taken.set(minute, part);
    if (slot.size === 0) slots.delete(minute);
  }
  return taken;
}

/** Returns the sums of several slots, and the last of their other values, by metric. */
export function sumOf(slots: Iterable<Slot>): Map<string, number | string> {
  const all = new Map<string, number | string>();
  for (const slot of slots) {
    for (const [group, fields] of slot) {
      for (const [field, { op, value }] of fields) {
        const before = all.get(`${group}.${field}`);
        all.set(`${group}.${field}`, op === '+' ? Number(before ?? 0) + Number(value) : value);
      }
    }
  }
  return all;
}
