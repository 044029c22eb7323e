/**
 * The types of custom fields, and the check of their values. A row stores its values by the ids of the fields: a renamed
 * field changes no row, the values of a deleted field are not shown any more, and an index by id keeps tenants apart.
 */
import { z } from '@hono/zod-openapi';
import { daySchema, textSchema } from '../../platform/http/index.ts';

/** The kinds of rows that may have custom fields. */
export const fieldKinds = ['contact', 'company', 'deal'] as const;
export type FieldKind = (typeof fieldKinds)[number];

export const fieldTypes = ['text', 'number', 'date', 'boolean', 'choice', 'url'] as const;
export type FieldType = (typeof fieldTypes)[number];

/** The parts of a definition that are needed to check and show values. */
export interface Field {
  id: string;
  /** The name of the value in `custom` of answers. */
  key: string;
  /** The name that people see. */
  name: string;
  type: FieldType;
  /** The allowed values of a choice. */
  options: readonly string[];
}

export type CustomValue = string | number | boolean;
/** Values by the keys of their fields, as answers show them. */
export type CustomValues = Record<string, CustomValue>;
/** Values by the ids of their fields, as rows store them. */
export type StoredValues = Record<string, CustomValue>;

/** The longest text and URL, in characters. Four bytes each must fit into an entry of an index. */
export const LONGEST_VALUE = 500;

const schemas = {
  text: textSchema(LONGEST_VALUE),
  date: daySchema,
  url: z.string().max(LONGEST_VALUE),
};

/** Numbers with this text are exact in JSON, in PostgreSQL and in the text of an index. */
const NUMBER = /^-?\d{1,15}(?:\.\d{1,6})?$/;

const RULES: Readonly<Record<FieldType, string>> = {
  text: `must be a text of 1 to ${LONGEST_VALUE} characters`,
  number: 'must be a number with at most 15 digits before the point and 6 after it',
  date: 'must be a day, such as 2026-12-31',
  boolean: 'must be true or false',
  choice: 'must be one of the options',
  url: `must be a URL that begins with http:// or https://, of at most ${LONGEST_VALUE} characters`,
};

/** Returns the rule for values of a field, as the end of a sentence that begins with the name of the field. */
export function ruleOf({ type, options }: Pick<Field, 'type' | 'options'>): string {
  return type === 'choice' ? `${RULES.choice}: ${options.slice(0, 10).join(', ')}` : RULES[type];
}

/** Returns a value of a request in its stored form; `undefined` if it is not a value of the field. */
export function valueOfField(
  { type, options }: Pick<Field, 'type' | 'options'>,
  given: unknown,
): CustomValue | undefined {
  switch (type) {
    case 'text':
    case 'date':
      return schemas[type].safeParse(given).data;
    case 'url':
      return urlOf(given);
    case 'number':
      return typeof given === 'number' && NUMBER.test(String(given)) ? given : undefined;
    case 'boolean':
      return typeof given === 'boolean' ? given : undefined;
    case 'choice': {
      const text = schemas.text.safeParse(given).data;
      return text !== undefined && options.includes(text) ? text : undefined;
    }
  }
}

/** Returns the value that a text of a filter names; `undefined` if it names none. */
export function valueOfText(field: Pick<Field, 'type' | 'options'>, text: string): CustomValue | undefined {
  if (field.type === 'number') return NUMBER.test(text) ? valueOfField(field, Number(text)) : undefined;
  if (field.type === 'boolean') return text === 'true' || text === 'false' ? text === 'true' : undefined;
  return valueOfField(field, text);
}

function urlOf(given: unknown): string | undefined {
  const text = schemas.url.safeParse(given).data;
  const url = text !== undefined && !/\s|\p{Cc}/u.test(text) && URL.canParse(text) ? new URL(text) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return url && isWeb && url.href.length <= LONGEST_VALUE ? url.href : undefined;
}
