/**
 * What of Zod's JSON Schema writer is in the Worker's bundle: nothing but the reading of a schema's bounds, which Zod
 * also uses for itself. Every schema holds on to the writer by a method that nobody calls. wrangler.toml puts this file
 * in place of `zod/v4/core/json-schema-processors.js` and `to-json-schema.js`, as Zod's schemas import them; a test reads
 * there that they want no more of it. Spares the Worker 6 KiB.
 */
export { aggregateChecks } from '../node_modules/zod/v4/core/json-schema-processors.js';

/** For a schema's `toJSONSchema()`. */
export function createToJSONSchemaMethod(): () => never {
  return refuse;
}

/** For the conversions of a schema's `~standard`, a property that is also read for other things. */
export function createStandardJSONSchemaMethod(): () => never {
  return refuse;
}

function refuse(): never {
  throw new Error('Zod writes no JSON Schema in the Worker: dev/worker-json-schema.ts');
}
