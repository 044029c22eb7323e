/** The `z` of the Worker's bundle: it makes schemas at their first use, and they check values as Zod's do. */
import { types } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as inWorker from '../../dev/build/replacements/zod.ts';

const lazy = inWorker as unknown as typeof z;
const zodConfig = (
  globalThis as unknown as { __zod_globalConfig: { postProcessor?: ((made: z.ZodType) => void) | undefined } }
).__zod_globalConfig;

let made = 0;
beforeEach(() => {
  made = 0;
  zodConfig.postProcessor = () => {
    made += 1;
  };
});
afterEach(() => {
  zodConfig.postProcessor = undefined;
});

/** A schema with each part of `z` that the code uses, made by `make`. */
function everything(make: typeof z) {
  const stage = make.enum(['open', 'won', 'lost']);
  const line = make.string().trim().min(1).max(20);
  const fields = make.strictObject({ title: line, stage: stage.default('open'), tags: make.array(line).max(2) });
  const filter = make.object({ stage: stage.exclude(['lost']).optional(), day: make.iso.date().nullish() });
  return {
    fields,
    changes: fields.partial().refine((changes) => Object.keys(changes).length > 0, 'needs a field'),
    query: fields.pick({ title: true }).extend(filter.shape),
    title: fields.shape.title,
    nullable: make.object({ title: fields.shape.title.nullable() }),
    amount: make.union([make.string(), make.number()]).transform(String).pipe(make.string().regex(/^\d+$/)),
    count: make.preprocess((value) => value ?? '1', make.coerce.number().int().positive()),
    byKind: make.discriminatedUnion('kind', [
      make.object({ kind: make.literal('a'), at: make.iso.datetime() }),
      make.object({ kind: make.literal('b'), of: make.record(make.string(), make.unknown()).optional() }),
    ]),
    rest: make.object({ mail: make.email() }).catchall(make.union([make.url(), make.null(), make.boolean()])),
    tree: treeOf(make),
    share: make.partialRecord(stage, make.int().nonnegative().catch(0)),
  };
}

/** A schema that contains itself, as the message of a job does. */
function treeOf(make: typeof z): z.ZodType {
  const tree: z.ZodType = make.object({ name: make.string() }).extend({
    get next() {
      return tree.optional();
    },
  });
  return tree;
}

const values: unknown[] = [
  undefined,
  null,
  '',
  ' a ',
  '12',
  12,
  -1,
  {},
  [],
  { title: ' a ', tags: [] },
  { title: 'a', tags: ['a', 'b', 'c'], more: 1 },
  { title: 'a', stage: 'lost', day: '2026-02-30' },
  { title: null, stage: 'won', day: null },
  { kind: 'a', at: '2026-11-20T09:30:00.000Z' },
  { kind: 'a', at: 'now' },
  { kind: 'b', of: { x: 1 } },
  { kind: 'c' },
  { mail: 'ada@example.com', web: 'https://example.com', on: true, off: null },
  { mail: 'ada', web: 1 },
  { open: 1, won: -1 },
  { name: 'a', next: { name: 'b', next: { name: 'c' } } },
  { name: 'a', next: { name: 'b', next: { name: 1 } } },
];

describe('a schema of the Worker’s bundle', () => {
  const names = Object.keys(everything(z)) as (keyof ReturnType<typeof everything>)[];

  test.each(names)('accepts, changes and refuses values as Zod does: %s', (name) => {
    const result = (make: typeof z, value: unknown) => {
      const { success, data, error } = everything(make)[name].safeParse(value);
      return { success, data, issues: error?.issues };
    };
    for (const value of values) expect(result(lazy, value)).toEqual(result(z, value));
  });

  test('is not made by its declaration, and a part of it not by the use of another part', () => {
    const { title } = everything(lazy);
    expect(made).toBe(0);
    title.safeParse('a');
    const inFields = made;
    expect(inFields).toBeGreaterThan(0);
    everything(z);
    expect(made - inFields).toBeGreaterThan(4 * inFields);
  });

  test('is made once', () => {
    const schema = lazy.object({ id: lazy.string() });
    schema.safeParse({});
    expect(made).toBe(2);
    schema.safeParse({});
    schema.parse({ id: 'a' });
    expect(made).toBe(2);
  });

  test('is not made by a library that looks whether it is a schema', () => {
    const schema = lazy.object({ id: lazy.string() });
    expect(typeof schema.parse).toBe('function');
    expect(typeof schema.safeParseAsync).toBe('function');
    expect(made).toBe(0);
    expect(schema instanceof lazy.ZodObject).toBe(true);
    expect('_zod' in schema).toBe(true);
  });

  test('contains no proxy once it is made, so a check costs no more than Zod’s', () => {
    const seen = new Set<unknown>();
    const visit = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null || seen.has(value)) return;
      seen.add(value);
      expect(types.isProxy(value), path).toBe(false);
      for (const [name, part] of Object.entries(value)) visit(part, `${path}.${name}`);
    };
    for (const [name, schema] of Object.entries(everything(lazy))) visit(schema._zod.def, name);
    expect(seen.size).toBeGreaterThan(50);
  });

  test('has the same fields as Zod’s', () => {
    const spread = (make: typeof z) => {
      const { shape } = make.object({ a: make.string(), b: make.int() });
      return make.object({ ...shape, c: make.null() });
    };
    expect(Object.keys(spread(lazy).shape)).toEqual(Object.keys(spread(z).shape));
    expect('b' in spread(lazy).shape).toBe(true);
    expect(spread(lazy).safeParse({ a: '', b: 1.5, c: null }).error).toEqual(
      spread(z).safeParse({ a: '', b: 1.5, c: null }).error,
    );
  });
});
