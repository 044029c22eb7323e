/**
 * Replaces Zod's JSON Schema writer in the Worker's bundle, except the reading of a schema's bounds, which Zod also
 * uses itself. Every schema refers to the writer through a method that no code here calls. wrangler.toml puts this
 * file in place of `zod/v4/core/json-schema-processors.js` and `to-json-schema.js`, which Zod's schemas import; a
 * test checks that they import no other names. `zod.ts` needs this file: Zod's writer imports what that one omits.
 */
export { aggregateChecks } from '../../../node_modules/zod/v4/core/json-schema-processors.js';

/** For a schema's `toJSONSchema()`. */
export function createToJSONSchemaMethod(): () => never {
  return refuse;
}

/** For the conversions of a schema's `~standard`, a property with other uses too. */
export function createStandardJSONSchemaMethod(): () => never {
  return refuse;
}

function refuse(): never {
  throw new Error('Zod cannot write JSON Schema in the Worker; see [alias] in wrangler.toml');
}
