/** The only way to Redis. */
export { type Breaker, type BreakerOptions, createBreaker } from './breaker.ts';
export { RedisClient } from './client.ts';
export { decode, type Encoded, type Encoding, encode, registerType, type ValueType } from './codec.ts';
export { compress, decompress } from './compress.ts';
export { isRefusal, RedisError, type RedisErrorCode } from './errors.ts';
export { createEvictionMemory, type Eviction, type EvictionMemory, readEviction } from './eviction.ts';
export { type Family, families, key, NO_TENANT, type RedisKey, type Tag, tag, versionKey } from './keys.ts';
export { createRedisMeter, type RedisMeter } from './meter.ts';
export { createRefusalNotes, type Refused } from './refusal-notes.ts';
export {
  type Guard,
  hasShape,
  isCountOfKeys,
  isEither,
  isInteger,
  isListForKeys,
  isListFrom,
  isListOf,
  isOneOf,
  isText,
  isTextOrNull,
  isTuple,
} from './replies.ts';
export { declaredScripts, type Script, type ScriptOptions, script } from './script.ts';
export { createSealer, SealError, type Sealer, type SealerOptions } from './seal.ts';
export { createTransport, type Transport, type TransportFetch, type TransportOptions } from './transport.ts';
