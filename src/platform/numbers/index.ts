/** Maintained numbers: counts and sums of a table by keys, kept exact in the transactions that change the rows. */
export { type Bucket, type BucketOf, day, dayBucket, month, monthBucket } from './buckets.ts';
export { maintainNumbers, type NumbersWork, wrongNumbers } from './maintain.ts';
export { type GroupedRange, type NumbersRead, readNumbers, type Tally } from './read.ts';
export { type Mended, type Recount, recount } from './recount.ts';
export {
  type KeyRange,
  type NumberDefinition,
  type NumberDefinitions,
  type NumberSource,
  type Numbers,
  numbersOf,
} from './source.ts';
export { EVENTS, functionOf, sharedFunctions, sqlOfShared, sqlOfSource, triggerFunction } from './triggers.ts';
