/**
 * Reads, patches and removals of documents that Redis alone has. Redis runs a patch in one script, so patches of two
 * callers never undo each other. While Redis is down, nothing is read or written, and the caller gets an error. Data
 * that Redis loses is lost, so use such a document only for data that its owner can easily enter again.
 */
import { notFound, ProblemError } from '../http/index.ts';
import { isRequired } from '../rest/index.ts';
import { type DocumentId, namesKey, type RedisOnlyDocument, redisOnlyKeys, textOfId } from './document.ts';
import type { DocumentServices } from './durable.ts';
import { documentOf, type Fields, fieldsOfReply, stepsOf } from './fields.ts';
import { type JsonObject, LIMITS, requireStorable, tooLarge } from './json.ts';
import { patchScript, removeScript } from './redis-only-scripts.ts';

/** How often a conditional write is tried again after a write of another caller. */
const TRIES = 5;

/** Returns a document; `null` if it does not exist. 1 request, 1 command. */
export async function readRedisOnly(
  services: DocumentServices,
  document: RedisOnlyDocument,
  id: DocumentId,
): Promise<JsonObject | null> {
  const { fields } = await readFields(services, document, id);
  return fields && documentOf(fields);
}

/**
 * Applies a merge patch, and returns the new document. 1 request, 1 command; with a condition of the caller 1 request
 * and 1 command more.
 * @throws {ProblemError} 400 if the document would be larger than its limits; 412 if the caller requires another state;
 * 409 if the owner has too many documents, or if other writes come first again and again.
 */
export async function patchRedisOnly(
  services: DocumentServices,
  document: RedisOnlyDocument,
  id: DocumentId,
  patch: JsonObject,
): Promise<JsonObject> {
  requireStorable(patch);
  const { redis, system } = services.scope;
  const { copy, names } = redisOnlyKeys(document, services.tenant.tenant, id);
  const steps = stepsOf(patch).flat();
  const limits = [document.atMost, LIMITS.fields, LIMITS.bytes];
  return conditionally(services, document, id, async (expected) => {
    const args = [system.token(), expected, document.ttlMs, textOfId(id.slice(1)), ...limits, ...steps];
    const reply = await patchScript.call(redis, [copy, names], args);
    if (reply[0] === 'conflict') return null;
    if (reply[0] === 'written') return documentOf(fieldsOfReply(reply.slice(1)));
    const limit = reply[1] as 'bytes' | 'fields' | 'documents';
    if (limit !== 'documents') throw tooLarge(limit);
    const message = `You may have at most ${document.atMost} of them; remove one, or wait until one ends`;
    throw new ProblemError(409, 'TOO_MANY_DOCUMENTS', message);
  });
}

/**
 * Removes a document. 1 request, 1 command; with a condition of the caller 1 request and 1 command more.
 * @throws {ProblemError} 404 if it does not exist; 412 if the caller requires another state; 409 if other writes come
 * first again and again.
 */
export async function removeRedisOnly(
  services: DocumentServices,
  document: RedisOnlyDocument,
  id: DocumentId,
): Promise<void> {
  const { copy, names } = redisOnlyKeys(document, services.tenant.tenant, id);
  await conditionally(services, document, id, async (expected) => {
    // The version `-` means that the document does not exist. It is no condition here: the script answers `missing`.
    const args = [expected === '-' ? '' : expected, textOfId(id.slice(1))];
    const reply = await removeScript.call(services.scope.redis, [copy, names], args);
    if (reply === 'missing') throw notFound(document.name);
    return reply === 'conflict' ? null : reply;
  });
}

/** The name of a document, and the time at which it ends, in ms since the epoch. */
export interface NamedDocument {
  name: string;
  endsAt: number;
}

/** Returns the documents of an owner, in the order of their ends. 1 request, 1 command. */
export async function listRedisOnly(
  { scope: { redis, system }, tenant }: DocumentServices,
  document: RedisOnlyDocument,
  owner: string,
): Promise<NamedDocument[]> {
  const names = namesKey(document, tenant.tenant, owner);
  const reply = await redis.exec<(string | number)[]>(['ZRANGE', names, 0, -1, 'WITHSCORES']);
  const found: NamedDocument[] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) {
    const endsAt = Number(reply[at + 1]);
    if (endsAt > system.now()) found.push({ name: String(reply[at]), endsAt });
  }
  return found;
}

/**
 * Runs a write with the version that the caller's condition was checked for; '' without a condition, '-' for a document
 * that does not exist. After a write of another caller, the condition is checked again.
 */
async function conditionally<Result>(
  services: DocumentServices,
  document: RedisOnlyDocument,
  id: DocumentId,
  write: (expected: string) => Promise<Result | null>,
): Promise<Result> {
  const { precondition } = services.tenant;
  if (!isRequired(precondition, { kind: document.name, id: textOfId(id) })) {
    const result = await write('');
    if (result !== null) return result;
  }
  for (let tried = 0; tried < TRIES && precondition; tried += 1) {
    const { fields, version } = await readFields(services, document, id);
    precondition.check(fields && documentOf(fields));
    const result = await write(version);
    if (result !== null) return result;
  }
  throw new ProblemError(409, 'CONFLICT', 'Other writes came first; try again');
}

/** Reads the fields of a document, and its version. Without a document the version is `-`. */
async function readFields(
  { scope: { redis }, tenant }: DocumentServices,
  document: RedisOnlyDocument,
  id: DocumentId,
): Promise<{ fields: Fields | null; version: string }> {
  const { copy } = redisOnlyKeys(document, tenant.tenant, id);
  const stored = (await redis.exec<string[] | null>(['HGETALL', copy])) ?? [];
  const version = stored.find((_text, at) => at % 2 === 1 && stored[at - 1] === 'v');
  return version === undefined ? { fields: null, version: '-' } : { fields: fieldsOfReply(stored), version };
}
