/**
 * `document()` declares a kind of JSON object that belongs to one owner and is changed by merge patches (RFC 7396): the
 * preferences of a user, a draft. A durable document is a row in PostgreSQL, with a copy in Redis that a read fills. A
 * document with `durable: false` exists in Redis alone, ends by itself, and a patch of it costs one command.
 */
import type { z } from 'zod';
import { type Duration, milliseconds } from '../duration.ts';
import { key, type RedisKey, tag, versionKey } from '../redis/index.ts';
import type { JsonObject } from './json.ts';

/** The ids of a document: its owner first, then names, such as a user and the name of a draft. */
export type DocumentId = readonly [string, ...string[]];

/** The declaration of a durable document. */
export interface DurableDefinition<Value extends JsonObject, Shown extends object> {
  durable?: true;
  /**
   * The form of the document after each patch. `{}` must be valid, because it is the value of a document that does not
   * exist. A stored value that the schema no longer accepts counts as `{}`.
   */
  schema: z.ZodType<Value>;
  /** Returns a value in the form of answers, whose text is named by ETags. */
  show(value: Value): Shown;
  /** How long Redis keeps the copy of a document that no request changes. Default: 1 day. */
  ttl?: Duration;
}

/** The declaration of a document that Redis alone has. */
export interface RedisOnlyDefinition {
  durable: false;
  /** How long a document lives after its last patch. */
  ttl: Duration;
  /** How many documents of this kind an owner may have at a time. */
  atMost: number;
}

/** A durable document. */
export interface DurableDocument<Value extends JsonObject, Shown extends object = object> {
  readonly name: string;
  readonly durable: true;
  readonly schema: z.ZodType<Value>;
  readonly ttlMs: number;
  show(value: Value): Shown;
}

/** A document that Redis alone has. */
export interface RedisOnlyDocument {
  readonly name: string;
  readonly durable: false;
  readonly ttlMs: number;
  readonly atMost: number;
}

/** The copies of durable documents must end before the versions of their tags, which live 31 days. */
const LONGEST_TTL_MS = 27 * 86_400_000;

/**
 * Declares a document, without I/O.
 * @throws {TypeError} if the declaration does not make sense.
 * @example
 * ```ts
 * export const preferences = document('preferences', { schema: chosenSchema, show: withDefaults });
 * export const draft = document('draft', { durable: false, ttl: '7d', atMost: 50 });
 * ```
 */
export function document<Value extends JsonObject, Shown extends object>(
  name: string,
  definition: DurableDefinition<Value, Shown>,
): DurableDocument<Value, Shown>;
export function document(name: string, definition: RedisOnlyDefinition): RedisOnlyDocument;
export function document<Value extends JsonObject, Shown extends object>(
  name: string,
  definition: DurableDefinition<Value, Shown> | RedisOnlyDefinition,
): DurableDocument<Value, Shown> | RedisOnlyDocument {
  const ttlMs = milliseconds(definition.ttl ?? '1d');
  if (ttlMs === 0 || ttlMs > LONGEST_TTL_MS) throw new TypeError(`Document ${name}: ttl must be from 1 ms to 27 days`);
  if (definition.durable === false) return { name, durable: false, ttlMs, atMost: definition.atMost };
  const { schema, show } = definition;
  return { name, durable: true, schema, ttlMs, show };
}

/** The keys of a durable document: its copy, and the version of its tag. */
export function durableKeys({ name }: { name: string }, tenant: string, id: DocumentId) {
  const itsTag = tag('document', name, ...id);
  return { copy: key(tenant, 'document', name, ...id), tag: itsTag, version: versionKey(tenant, itsTag) };
}

/** The keys of a document that Redis alone has: the document, and the names of its owner's documents. */
export function redisOnlyKeys({ name }: { name: string }, tenant: string, id: DocumentId) {
  return { copy: key(tenant, 'document', name, ...id), names: namesKey({ name }, tenant, id[0]) };
}

/** The key of the names of an owner's documents. */
export function namesKey({ name }: { name: string }, tenant: string, owner: string): RedisKey {
  return key(tenant, 'documentNames', name, owner);
}

/**
 * Returns the ids as one text, for the table, for conditions of callers and for the names of an owner's documents.
 * @throws {TypeError} if an id contains a slash, because then two documents could have the same text.
 */
export function textOfId(id: readonly string[]): string {
  if (id.some((part) => part === '' || part.includes('/'))) throw new TypeError('The id of a document has a slash');
  return id.join('/');
}
