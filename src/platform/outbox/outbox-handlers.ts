/**
 * Outbox handlers by kind. A transaction may add invalidations, jobs or events to the outbox. The room that defines a
 * kind provides its handler, so that this room does not depend on the other rooms.
 */
import { isRefusal, type RedisKey, type Tag, versionKey } from '../redis/index.ts';
import type { Invalidator, Settled } from './invalidator.ts';

/** The part of an outbox row that a handler receives. */
export interface OutboxEntry {
  id: string;
  tenant: string;
  payload: unknown;
}

/**
 * Handles all entries of one kind in as few requests as possible, and returns an outcome for each entry. A handler must
 * be idempotent: if the process dies before the row of an entry is deleted, the entry is handled again.
 */
export interface OutboxHandler {
  (entries: readonly OutboxEntry[]): Promise<PromiseSettledResult<unknown>[]>;
  /**
   * `true` if the entries make other processes read the data again. These entries wait until the write's invalidations
   * are settled, so that no such read returns a value from before the write.
   */
  readonly needsSettled?: boolean;
}

/** Handlers by kind of entry. */
export type OutboxHandlers = Readonly<Partial<Record<string, OutboxHandler>>>;

/** The kind of an invalidation that may not have been settled. */
export const INVALIDATE = 'invalidate';
/**
 * The kind of an invalidation that its writer has settled. The drain checks it a second time, because Redis may have
 * lost the settle.
 */
export const SECOND_LOOK = 'invalidate-again';

/** The payload of an invalidation: the tags, and the writer whose marks the tags may have. */
export interface InvalidationPayload {
  writer: string;
  /** The beginning of the writer's new versions. Rows of earlier releases have no version. */
  version?: string;
  tags: Tag[];
}

/**
 * Returns a handler that settles invalidations. 1 request for all entries, because the client joins the commands of
 * one turn of the event loop. If Redis refuses new versions, the handler deletes the old versions.
 */
export function invalidationHandler(invalidator: Invalidator): OutboxHandler {
  return (entries) =>
    Promise.allSettled(
      entries.map(async (entry) => {
        const { writer } = entry.payload as InvalidationPayload;
        const keys = keysOf(entry);
        // Each settle needs a version of its own, because the writer's settle may have reached Redis already, or may
        // arrive later.
        await invalidator.settle(keys, writer).catch((error: unknown) => endIfRefused(invalidator, keys, error));
      }),
    );
}

/**
 * Returns a handler that checks settled invalidations a second time, and invalidates again the tags whose versions
 * Redis has lost. One command for all entries.
 */
export function secondLookHandler(invalidator: Invalidator): OutboxHandler {
  return async (entries) => {
    const settled = new Map<RedisKey, Settled>();
    for (const entry of entries) {
      const { writer, version = '' } = entry.payload as InvalidationPayload;
      for (const key of keysOf(entry)) {
        const other = settled.get(key);
        // If several writes changed a tag, this handler cannot know which version is the last. So the tag is always
        // invalidated again.
        settled.set(key, other ? { version: '', writers: [...other.writers, writer] } : { version, writers: [writer] });
      }
    }
    await invalidator
      .endUnless(settled)
      .catch((error: unknown) => endIfRefused(invalidator, [...settled.keys()], error));
    return entries.map(() => ({ status: 'fulfilled', value: undefined }));
  };
}

async function endIfRefused(invalidator: Invalidator, keys: readonly RedisKey[], error: unknown): Promise<void> {
  if (!isRefusal(error)) throw error;
  await invalidator.end(keys);
}

function keysOf({ tenant, payload }: OutboxEntry): RedisKey[] {
  return (payload as InvalidationPayload).tags.map((tag) => versionKey(tenant, tag));
}

/** Handles entries of any kinds and returns their outcomes in the same order. A kind without a handler fails. */
export async function handleAll(
  entries: readonly (OutboxEntry & { kind: string })[],
  handlers: OutboxHandlers,
): Promise<PromiseSettledResult<unknown>[]> {
  const outcomes = new Map<string, PromiseSettledResult<unknown>>();
  const kinds = new Set(entries.map(({ kind }) => kind));
  await Promise.all(
    [...kinds].map(async (kind) => {
      const ofKind = entries.filter((entry) => entry.kind === kind);
      const handled = await handle(kind, ofKind, handlers[kind]);
      for (const [index, { id }] of ofKind.entries()) {
        outcomes.set(id, handled[index] ?? rejected(new Error(`The handler of ${kind} returned no outcome`)));
      }
    }),
  );
  return entries.map(({ id, kind }) => outcomes.get(id) ?? noHandler(kind));
}

async function handle(
  kind: string,
  entries: readonly OutboxEntry[],
  handler: OutboxHandler | undefined,
): Promise<PromiseSettledResult<unknown>[]> {
  if (!handler) return entries.map(() => noHandler(kind));
  try {
    return await handler(entries);
  } catch (error) {
    return entries.map(() => rejected(error));
  }
}

function noHandler(kind: string): PromiseRejectedResult {
  return rejected(new Error(`The outbox has no handler for entries of kind ${kind}`));
}

function rejected(reason: unknown): PromiseRejectedResult {
  return { status: 'rejected', reason };
}
