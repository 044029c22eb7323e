/** The values of custom fields that rows give to records. Values of fields that the file does not have stay. */
import { type CustomValue, type Field, ruleOf, type StoredValues } from '../fields/field.ts';
import { nameOfField, textOfValues, valuesIn } from './kinds/custom.ts';
import type { Refusal } from './kinds/kind.ts';
import { optionOf } from './read/custom.ts';

/** The old values of changed fields by their names, and the fields that are left out. */
interface ChangedValues {
  changes: Record<string, CustomValue | null>;
  refused: Refusal[];
}

/** Writes the values of a row into a draft. A record keeps a choice whose option is gone, and gets no new one. */
export function changeValues(
  { record }: { record: { custom: string } },
  said: StoredValues | undefined,
  fields: readonly Field[],
): ChangedValues {
  const changed: ChangedValues = { changes: {}, refused: [] };
  if (said === undefined) return changed;
  const values = valuesIn(record.custom);
  for (const field of fields) {
    const { id, type } = field;
    const text = said[id];
    if (text === undefined || text === values[id]) continue;
    const value = type === 'choice' ? optionOf(field, String(text)) : text;
    if (value === undefined) changed.refused.push({ field: nameOfField(field), message: ruleOf(field) });
    if (value === undefined || value === values[id]) continue;
    changed.changes[nameOfField(field)] = values[id] ?? null;
    values[id] = value;
  }
  if (Object.keys(changed.changes).length > 0) record.custom = textOfValues(values);
  return changed;
}

/** Returns the values of these fields by their names; null for a field without a value. */
export function shownValues(text: string, fields: readonly Field[]): Record<string, CustomValue | null> {
  const values = valuesIn(text);
  return Object.fromEntries(fields.map((field) => [nameOfField(field), values[field.id] ?? null]));
}
