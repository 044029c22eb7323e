/** The API's schemas of custom fields: definitions, and values in bodies, answers and filters of other resources. */
import { z } from '@hono/zod-openapi';
import { changesSchema, idSchema, momentSchema, textSchema } from '../../platform/http/index.ts';
import { fieldKinds, fieldTypes } from './field.ts';

/** The maximum number of custom fields of a kind. */
export const MOST_FIELDS = 50;
/** The maximum number of options of a choice. */
const MOST_OPTIONS = 100;

const KEY = /^[a-z][a-z0-9_]{0,39}$/;
const keySchema = z
  .string()
  .regex(KEY, 'must be a lower-case letter, then lower-case letters, digits and _, at most 40')
  .openapi({ example: 'region' });

const optionsSchema = z
  .array(textSchema(100))
  .min(1)
  .max(MOST_OPTIONS)
  .refine((options) => new Set(options).size === options.length, 'must not have an option twice');

export const fieldSchema = z
  .object({
    id: idSchema,
    kind: z.enum(fieldKinds),
    key: z.string(),
    name: z.string(),
    type: z.enum(fieldTypes),
    options: z.array(z.string()).openapi({ description: 'The values of a choice.' }),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('CustomField');

export const fieldListSchema = z.object({ items: z.array(fieldSchema) }).openapi('CustomFieldList');

export const newFieldSchema = z
  .strictObject({
    kind: z.enum(fieldKinds),
    key: keySchema,
    name: textSchema(100),
    type: z.enum(fieldTypes),
    options: optionsSchema.optional().openapi({ description: 'The values of a choice; no other type has them.' }),
  })
  .openapi('NewCustomField');

export const fieldChangesSchema = changesSchema(
  z.strictObject({ key: keySchema, name: textSchema(100), options: optionsSchema }),
).openapi('CustomFieldChanges');

export type FieldItem = z.output<typeof fieldSchema>;
export type NewField = z.output<typeof newFieldSchema>;
export type FieldChanges = z.output<typeof fieldChangesSchema>;

/** The values of custom fields in answers. */
export const customSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .openapi({ description: 'Values of custom fields by their keys.', example: { region: 'North' } });

/** The values of custom fields in bodies. The definitions check them; see `checkValues`. */
export const customInputSchema = z
  .record(z.string(), z.unknown())
  .refine((values) => Object.keys(values).length <= MOST_FIELDS, `must have at most ${MOST_FIELDS} values`)
  .openapi({
    description: 'Values of custom fields by their keys. Keys left out stay unchanged; `null` removes a value.',
    example: { region: 'North' },
  });

/** The parameters of filters by custom fields: `custom.region`. */
const PARAMETER = /^custom\.([a-z][a-z0-9_]{0,39})$/;
/** The maximum number of custom fields in one filter. */
const MOST_FILTERS = 5;

/** Adds the parameters `custom.<key>` to the parameters of a list. */
export function withCustomFilters<Schema extends z.ZodObject>(parameters: Schema): Schema {
  const value = z.string().min(1).max(500);
  return withCustomParameters(parameters, { named: PARAMETER, value, most: MOST_FILTERS, use: 'filters' });
}

/** Adds parameters for custom fields, whose names follow a pattern, to the parameters of a request. */
export function withCustomParameters<Schema extends z.ZodObject>(
  parameters: Schema,
  { named, value, most, use }: { named: RegExp; value: z.ZodType; most: number; use: string },
): Schema {
  const added = parameters.catchall(value).superRefine((values, context) => {
    const others = Object.keys(values).filter((name) => !Object.hasOwn(parameters.shape, name));
    const unknown = others.filter((name) => !named.test(name));
    if (unknown.length > 0) {
      context.addIssue({ code: 'unrecognized_keys', keys: unknown, input: values });
    } else if (others.length > most) {
      context.addIssue({
        code: 'custom',
        path: [others[0] ?? ''],
        message: `is one of more than ${most} ${use}`,
      });
    }
  });
  return added as unknown as Schema;
}

/**
 * Divides the parameters of a list into the list's own parameters and those of custom fields, by the keys of the
 * fields.
 */
export function partedFilter<Filter extends object>(filter: Filter): { own: Filter; custom: Map<string, string> } {
  const entries = Object.entries(filter);
  const custom = entries.flatMap(([name, value]) => {
    const key = PARAMETER.exec(name)?.[1];
    return key === undefined ? [] : [[key, String(value)] as const];
  });
  const own = Object.fromEntries(entries.filter(([name]) => !PARAMETER.test(name))) as Filter;
  return { own, custom: new Map(custom) };
}
