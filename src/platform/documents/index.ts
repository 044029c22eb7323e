/** Documents: JSON objects of one owner, changed by merge patches. */
export {
  type DocumentId,
  type DurableDocument,
  document,
  type RedisOnlyDocument,
} from './document.ts';
export { type DocumentServices, loadDurable, patchDurable, readDurable } from './durable.ts';
export { isObject, type JsonObject, type JsonValue, LIMITS } from './json.ts';
export {
  listRedisOnly,
  type NamedDocument,
  patchRedisOnly,
  readRedisOnly,
  removeRedisOnly,
} from './redis-only.ts';
