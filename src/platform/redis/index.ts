/** The room of Redis: all access to Redis goes through these functions and classes. */
export { type Breaker, type BreakerOptions, createBreaker } from './breaker.ts';
export { RedisClient } from './client.ts';
export { decode, type Encoded, type Encoding, encode, registerType, type ValueType } from './codec.ts';
export { compress, decompress } from './compress.ts';
export { createTransport } from './create-transport.ts';
export { isRefusal, RedisError, type RedisErrorCode } from './errors.ts';
export { createEvictionMemory, type Eviction, type EvictionMemory, readEviction } from './eviction.ts';
export { infoField, infoNumber } from './info.ts';
export {
  type Family,
  families,
  key,
  NO_TENANT,
  type RedisKey,
  type Tag,
  tag,
  tagOfVersion,
  versionKey,
} from './keys.ts';
export { createRedisMeter, type RedisMeter } from './meter.ts';
export { createRefusalNotes, REFUSAL_REPLIES, type Refused } from './refusal-notes.ts';
export {
  type Guard,
  isCountOfKeys,
  isEither,
  isInteger,
  isListForKeys,
  isListFrom,
  isListOf,
  isOneOf,
  isText,
  isTuple,
} from './replies.ts';
export { type Script, type ScriptOptions, script } from './script.ts';
export { createSealer, SealError, type Sealer, type SealerOptions } from './seal.ts';
export { createSubscribe, type Subscribe, type Subscriber, type Subscription } from './subscribe.ts';
export type { SentRequest, Transport, TransportFetch, TransportOptions } from './transport.ts';
