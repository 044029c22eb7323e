/**
 * Schemas that are made at their first use. The code declares its schemas when it is loaded: hundreds, of answers,
 * which only the OpenAPI document needs, and of requests, most of which an isolate never gets. Making all of them would
 * take a fifth of the time in which a Worker starts. So a function of `z` in the Worker's bundle returns a proxy, which
 * remembers the call. A method that returns a schema, such as `optional`, returns another proxy. Any other use, such as
 * `parse`, makes the schema, with the schemas that it contains; none of them refers to a proxy.
 */

/** The methods of schemas that return schemas. A method that is missing here makes the schema early. */
const BUILDERS = new Set([
  ...['array', 'catch', 'catchall', 'default', 'exclude', 'extend', 'int', 'length', 'max', 'min', 'nonnegative'],
  ...['nullable', 'nullish', 'omit', 'optional', 'or', 'overwrite', 'partial', 'pick', 'pipe', 'positive', 'prefault'],
  ...['refine', 'regex', 'required', 'startsWith', 'strict', 'superRefine', 'toLowerCase', 'transform', 'trim'],
]);

/**
 * The methods by which libraries recognise a schema. Reading such a method, without calling it, does not make the
 * schema.
 */
const PARSERS = new Set(['parse', 'parseAsync', 'safeParse', 'safeParseAsync']);

/** The property of a proxy that holds the schema. */
const SCHEMA = Symbol('schema');

type Make = (...args: never[]) => unknown;
type Schema = Record<PropertyKey, (...args: unknown[]) => unknown>;

/** Returns a function that makes the schema of `make` when the schema is first used. */
export function lazy<Of extends Make>(make: Of): Of {
  return ((...args: never[]) => proxy(() => make(...(args.map(withSchemas) as never[])))) as Of;
}

function proxy(make: () => unknown): object {
  let made: Schema | undefined;
  const schema = () => {
    made ??= make() as Schema;
    return made;
  };
  const self: object = new Proxy(
    {},
    {
      get(_, name) {
        if (name === SCHEMA) return schema();
        if (made || typeof name !== 'string') return Reflect.get(schema(), name);
        // As in `openapi.ts`: a bundle does not describe its schemas.
        if (name === 'openapi') return () => self;
        if (name === 'shape') return fieldsOf(schema);
        const call = (...args: unknown[]) => schema()[name]?.(...args.map(withSchemas));
        if (BUILDERS.has(name)) return (...args: unknown[]) => proxy(() => call(...args));
        return PARSERS.has(name) ? call : Reflect.get(schema(), name);
      },
      has: (_, name) => name in schema(),
    },
  );
  return self;
}

/** Returns the fields of an object's schema, each as a proxy. */
function fieldsOf(schema: () => Schema): object {
  const shape = () => schema()['shape'] as unknown as object;
  return new Proxy(
    {},
    {
      get: (_, name) => (name === SCHEMA ? shape() : proxy(() => Reflect.get(shape(), name))),
      has: (_, name) => name in shape(),
      ownKeys: () => Reflect.ownKeys(shape()),
      getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(shape(), name),
    },
  );
}

/** Returns an argument with the schemas in place of their proxies, in lists and in the fields of plain objects too. */
function withSchemas(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null) return argument;
  const schema = (argument as { [SCHEMA]?: unknown })[SCHEMA];
  if (schema !== undefined) return schema;
  if (Array.isArray(argument)) return argument.map(withSchemas);
  if (Object.getPrototypeOf(argument) !== Object.prototype) return argument;
  const copy = {};
  for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(argument))) {
    // A getter is the field of a schema that contains itself. Zod reads it when the schema is made.
    const get = () => withSchemas(Reflect.get(argument, name));
    Object.defineProperty(copy, name, field.get ? { ...field, get } : { ...field, value: withSchemas(field.value) });
  }
  return copy;
}
