/** A client of the Holdfast API for browsers, Node and Workers. */
import type { components } from './from-openapi/schema.ts';

export type { Holdfast } from './client.ts';
export { createHoldfast } from './client.ts';
export type { Tokens } from './credentials.ts';
export { HoldfastError } from './errors.ts';
export type { FeedData, FeedEvent, FeedInput } from './feed.ts';
export type { HoldfastOptions } from './options.ts';
export type { AnswerOf, CallOptions, InputOf, List, OperationId } from './types.ts';
export type { WaitOptions, Work } from './wait-for.ts';

/** The shapes of the API by their names: `Schemas['Deal']`. */
export type Schemas = components['schemas'];
