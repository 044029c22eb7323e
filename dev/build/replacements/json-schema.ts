/**
 * Replaces Zod's JSON Schema writer in the Worker's bundle. Only `aggregateChecks` is kept, because Zod also needs it
 * to check values. Every schema of Zod has a method that refers to the writer, so a bundler would keep the writer, but
 * no code here calls the method. wrangler.toml replaces `zod/v4/core/json-schema-processors.js` and `to-json-schema.js`
 * with this file. A test checks that Zod's schemas import no other names from them. The replacement `zod.ts` needs this
 * file, because Zod's writer imports names that `zod.ts` omits.
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
