/** The types of calls, which follow from the types of the operations in the OpenAPI document. */
import type { FeedEvent, FeedInput } from './feed.ts';
import type { operations } from './from-openapi/schema.ts';

/** The name of an operation, such as `deals.list`. */
export type OperationId = keyof operations;

/** The options of one call. */
export interface CallOptions {
  /** Ends the call, and its waits between attempts. */
  signal?: AbortSignal | undefined;
  /** The key under which the API performs a POST once. Default: a new one for each call. */
  idempotencyKey?: string | undefined;
  /**
   * Writes only if the resource is in this state: a row that `get`, `create` or `update` of this client returned, or an
   * ETag. Otherwise the call fails with `PRECONDITION_FAILED`.
   */
  ifMatch?: object | string | undefined;
}

/** The values of a place that has none. */
type None = Readonly<Record<never, never>>;
type Values<Part> = [Part] extends [undefined] ? unknown : Optional<NonNullable<Part>>;
/** An optional value of the query may be `undefined`, such as the cursor of a first page. */
type Optional<Query> = {
  [Name in keyof Query]: Query[Name] | (Query extends Record<Name, unknown> ? never : undefined);
};
type Sent<Content> = Content extends { 'text/csv': unknown } ? string | Blob : Content[keyof Content];
type Body<Request> = [Request] extends [undefined]
  ? unknown
  : Request extends { content: infer Content }
    ? { body: Sent<Content> }
    : unknown;

/** The values of an operation: of its path and its query by their names, and `body`. */
export type InputOf<Id extends OperationId> = Values<operations[Id]['parameters']['path']> &
  Values<operations[Id]['parameters']['query']> &
  Body<operations[Id]['requestBody']>;

type Contents<Responses> = Responses[keyof Responses] extends infer Response
  ? Response extends { content: infer Content }
    ? Content[keyof Content]
    : undefined
  : never;

/** The value that a call returns. */
export type AnswerOf<Id extends OperationId> = Contents<operations[Id]['responses']>;

/** A page of a list, and the items of this page and of all that follow: `for await (const deal of api.deals.list())`. */
export type List<Page extends { items: readonly unknown[] }> = Promise<Page> & AsyncIterable<Page['items'][number]>;

type Answer<Value> = [Value] extends [{ items: readonly unknown[]; nextCursor: string | null }]
  ? List<Value>
  : Promise<Value>;

/** An operation as a function. The values may be left out if none is needed. */
export type Call<Id extends OperationId> =
  unknown extends InputOf<Id>
    ? (input?: Record<string, never>, options?: CallOptions) => Answer<AnswerOf<Id>>
    : None extends InputOf<Id>
      ? (input?: InputOf<Id>, options?: CallOptions) => Answer<AnswerOf<Id>>
      : (input: InputOf<Id>, options?: CallOptions) => Answer<AnswerOf<Id>>;

/** The operation whose answer is a stream of events. */
export type Listen = (input: FeedInput, options?: Pick<CallOptions, 'signal'>) => AsyncGenerator<FeedEvent, void>;
