/**
 * Replaces the object `z` of Zod in the Worker's bundle. This file exports the parts of Zod that are in use, with
 * messages in English. A bundler keeps every property of the object `z`, and a Worker would evaluate all of them at
 * each cold start: the compiler, the JSON Schema reader and fifty languages. wrangler.toml replaces Zod's own list,
 * `zod/v4/classic/external.js`, with this file. Tests check that this file exports all names in use, and that a Worker
 * makes no schema before it needs one. Zod's package does not export these modules, so this file imports them by path.
 */
import * as numbers from '../../../node_modules/zod/v4/classic/coerce.js';
import * as times from '../../../node_modules/zod/v4/classic/iso.js';
import * as schemas from '../../../node_modules/zod/v4/classic/schemas.js';
import { lazy } from './lazy-schemas.ts';

export { ZodError } from '../../../node_modules/zod/v4/classic/errors.js';
export { input, output } from '../../../node_modules/zod/v4/classic/in-out.js';
export {
  ZodObject,
  ZodOptional,
  ZodType,
  ZodUndefined,
  ZodVoid,
} from '../../../node_modules/zod/v4/classic/schemas.js';
export { config, NEVER } from '../../../node_modules/zod/v4/core/index.js';

export const array = lazy(schemas.array);
export const boolean = lazy(schemas.boolean);
export const coerce = { number: lazy(numbers.number) };
export const discriminatedUnion = lazy(schemas.discriminatedUnion);
export const email = lazy(schemas.email);
export const int = lazy(schemas.int);
export const iso = { date: lazy(times.date), datetime: lazy(times.datetime) };
export const literal = lazy(schemas.literal);
export const looseObject = lazy(schemas.looseObject);
export const number = lazy(schemas.number);
export const object = lazy(schemas.object);
export const partialRecord = lazy(schemas.partialRecord);
export const preprocess = lazy(schemas.preprocess);
export const record = lazy(schemas.record);
export const strictObject = lazy(schemas.strictObject);
export const string = lazy(schemas.string);
export const union = lazy(schemas.union);
export const unknown = lazy(schemas.unknown);
export const url = lazy(schemas.url);

const enumeration = lazy(schemas.enum);
const nothing = lazy(schemas.null);

export { enumeration as enum, nothing as null };
