/**
 * Replaces Zod's JSON Schema writer in the Worker's bundle, except `aggregateChecks`, which Zod also needs to check
 * values. Every schema refers to the writer through a method that no code here calls. wrangler.toml replaces
 * `zod/v4/core/json-schema-processors.js` and `to-json-schema.js` with this file; a test checks that Zod's schemas
 * import no other names from them. `zod.ts` needs this file, because Zod's writer imports names that `zod.ts` omits.
 */
export { aggregateChecks } from '../../../node_modules/zod/v4/core/json-schema-processors.js';

/** Creates a schema's method `toJSONSchema()`, which throws here. */
export function createToJSONSchemaMethod(): () => never {
  return refuse;
}

/** Creates the JSON Schema conversions of a schema's property `~standard`, which throw here. */
export function createStandardJSONSchemaMethod(): () => never {
  return refuse;
}

function refuse(): never {
  throw new Error('Zod cannot write JSON Schema in the Worker; see [alias] in wrangler.toml');
}
