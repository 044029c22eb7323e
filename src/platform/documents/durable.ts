/**
 * Reads and patches of durable documents. PostgreSQL has the truth. A read takes the copy in Redis if it has every
 * acknowledged write, and the row otherwise; so reads also work without Redis. A patch is a write like any other: its
 * tag is marked before COMMIT and settled after it, and the settle applies the patch to the copy in the same command.
 */
import { isChanging, VERSION_TTL_MS } from '../cache/index.ts';
import { type TenantScope, validationProblem } from '../http/index.ts';
import type { Log } from '../log.ts';
import type { Transaction } from '../outbox/index.ts';
import { type RedisClient, RedisError } from '../redis/index.ts';
import { isRequired } from '../rest/index.ts';
import type { System } from '../system.ts';
import { type DocumentId, type DurableDocument, durableKeys, textOfId } from './document.ts';
import { fillCopyScript, readCopyScript, settleCopyScript } from './durable-scripts.ts';
import { differenceOf, documentOf, type Fields, fieldsOf, fieldsOfReply } from './fields.ts';
import { type JsonObject, mergePatch, requireStorable } from './json.ts';
import { type DocumentRow, loadRow, loadRows, lockRow, type Statements, writeRow } from './table.ts';

/** The services of a request that documents need; a handler has them. */
export interface DocumentServices {
  scope: { redis: RedisClient; system: System; log: Log; store: Statements };
  tenant: Pick<TenantScope, 'tenant' | 'commit' | 'precondition'>;
}

/**
 * Returns a document; `{}` in the form of the schema if it does not exist. With a copy in Redis: 1 request, 1 command.
 * Without one: 2 requests, 2 commands, 1 statement. While Redis is down: 1 statement.
 */
export async function readDurable<Value extends JsonObject>(
  { scope, tenant: { tenant } }: DocumentServices,
  document: DurableDocument<Value>,
  id: DocumentId,
): Promise<Value> {
  const { redis, system, store, log } = scope;
  const keys = durableKeys(document, tenant, id);
  const row = { tenant, name: document.name, id: textOfId(id) };
  let version: string | null = null;
  try {
    const reply = await readCopyScript.call(redis, [keys.copy, keys.version], [system.token(), VERSION_TTL_MS]);
    if (reply[0] === 'current') return accepted(document, documentOf(fieldsOfReply(reply.slice(1))));
    version = reply[1] ?? null;
  } catch (error) {
    if (!(error instanceof RedisError || error instanceof SyntaxError)) throw error;
    log.warn('documents.copy_not_read', { document: document.name, error });
  }
  const loaded = await loadRow(store, row);
  const value = accepted(document, loaded.value);
  if (version !== null && !isChanging(version)) {
    const fields = [...fieldsOf(loaded.value)].flat();
    const args = [version, document.ttlMs, 'v', loaded.version, ...fields];
    await fillCopyScript.call(redis, [keys.copy, keys.version], args).catch(() => undefined);
  }
  return value;
}

/**
 * Applies a merge patch, and returns the new document. 2 requests, 2 commands (mark, settle), 2 statements beside those
 * of every write.
 * @throws {ProblemError} 400 that names the member, if the new document is not in the form of the schema; 412 if the
 * caller requires another state.
 */
export async function patchDurable<Value extends JsonObject>(
  { scope: { redis }, tenant }: DocumentServices,
  document: DurableDocument<Value>,
  id: DocumentId,
  patch: JsonObject,
): Promise<Value> {
  requireStorable(patch);
  const keys = durableKeys(document, tenant.tenant, id);
  /** The row before and after the write, for the copy. */
  let change: { before: Fields; versions: [before: number, after: number] } | undefined;
  const value = await tenant.commit(
    async (tx) => {
      tx.invalidate(keys.tag);
      const written = await writePatch(tx, document, id, patch);
      change = { before: fieldsOf(written.before.value), versions: [written.before.version, written.after.version] };
      return written.after.value;
    },
    {
      markFirst: [keys.tag],
      async settle({ result, writer, version, marked }) {
        const { before = new Map(), versions = ['', ''] } = change ?? {};
        const { removed, written } = differenceOf(before, fieldsOf(result));
        const args = [writer, version, VERSION_TTL_MS, marked?.get(keys.version) ?? '', document.ttlMs, ...versions];
        await settleCopyScript.call(
          redis,
          [keys.copy, keys.version],
          [...args, removed.length, ...removed, ...written.flat()],
        );
      },
    },
  );
  return value;
}

/** Loads the documents of several owners in an open write, by owner; documents that do not exist are left out. 1 statement. */
export async function loadDurable<Value extends JsonObject>(
  tx: Pick<Transaction, 'query' | 'tenant'>,
  document: DurableDocument<Value>,
  owners: readonly string[],
): Promise<Map<string, Value>> {
  const rows = await loadRows(tx, { tenant: tx.tenant, name: document.name }, owners);
  return new Map(rows.map(({ id, value }) => [id, accepted(document, value)]));
}

/** Writes a patch in an open write. 2 statements. The caller must invalidate the tag of the document. */
async function writePatch<Value extends JsonObject>(
  tx: Pick<Transaction, 'query' | 'tenant' | 'system' | 'precondition'>,
  document: DurableDocument<Value>,
  id: DocumentId,
  patch: JsonObject,
): Promise<{ before: DocumentRow; after: { value: Value; version: number } }> {
  const row = { tenant: tx.tenant, name: document.name, id: textOfId(id) };
  const now = tx.system.now();
  const before = await lockRow(tx, row, now);
  const current = accepted(document, before.value);
  if (isRequired(tx.precondition, { kind: document.name, id: row.id })) tx.precondition.check(document.show(current));
  const merged = mergePatch(current, patch);
  const parsed = document.schema.safeParse(merged);
  if (!parsed.success) throw validationProblem({ error: parsed.error, target: 'json', data: merged });
  const value = documentOf(fieldsOf(parsed.data)) as Value;
  return { before, after: { value, version: await writeRow(tx, row, { value, version: before.version }, now) } };
}

/** Returns a stored value in the form of the schema, and `{}` in place of one that the schema no longer accepts. */
function accepted<Value extends JsonObject>({ schema }: DurableDocument<Value>, stored: JsonObject): Value {
  const parsed = schema.safeParse(stored);
  return parsed.success ? (documentOf(fieldsOf(parsed.data)) as Value) : schema.parse({});
}
