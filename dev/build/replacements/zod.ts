/**
 * Replaces the object `z` of Zod in the Worker's bundle. This file exports the parts of Zod that create and check
 * schemas, with messages in English. A bundler keeps every property of the object `z`, and a Worker would evaluate all
 * of them at each cold start: the compiler, the JSON Schema reader and fifty languages. wrangler.toml replaces Zod's
 * own list, `zod/v4/classic/external.js`, with this file. A test checks that this file exports all names in use. Zod's
 * package does not export these modules, so this file imports them by path.
 */

export * from '../../../node_modules/zod/v4/classic/checks.js';
export * as coerce from '../../../node_modules/zod/v4/classic/coerce.js';
export * from '../../../node_modules/zod/v4/classic/errors.js';
export { input, output } from '../../../node_modules/zod/v4/classic/in-out.js';
export * as iso from '../../../node_modules/zod/v4/classic/iso.js';
export * from '../../../node_modules/zod/v4/classic/parse.js';
export * from '../../../node_modules/zod/v4/classic/schemas.js';
export { config, globalRegistry, NEVER, registry } from '../../../node_modules/zod/v4/core/index.js';
