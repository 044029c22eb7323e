/**
 * Rebuilds a projection:
 *
 *     pages of events into the next generation → the keys that are still behind → switch → delete the old rows
 *
 * Until the switch the present generation follows the stream as always. The switch locks the generation, so no event is
 * applied to the old one meanwhile, and readers never see an older state than before.
 */
import { LARGEST_PAGE, readStored, replayStored, type StoredEvent } from '../events/index.ts';
import { continueWith, type JobContext, type JobOutcome, type JobTransaction } from '../jobs/index.ts';
import type { Tag } from '../redis/index.ts';
import {
  beginGeneration,
  forgetVersions,
  keysBehind,
  lockGeneration,
  reachBuilt,
  readGeneration,
  replayBuilt,
  switchTo,
} from './generation.ts';
import { type GroupName, openGroup } from './group.ts';
import type { Consumer } from './group-run.ts';

/** A declared projection, as the rebuild uses it. */
export interface Projection {
  readonly consumer: Pick<Consumer, 'stream' | 'name' | 'generation'>;
  readonly tags: readonly Tag[];
  /** Applies events to a generation, in an open write. */
  applyTo(tx: JobTransaction, group: GroupName, generation: number, events: readonly StoredEvent[]): Promise<void>;
  clear(tx: JobTransaction, generation: number): Promise<void>;
}

/** The most events of one transaction: the transaction has a time limit. */
const LARGEST_PIECE = 100;
/** The most keys that the transaction of the switch brings up to date. */
const MOST_KEYS = 100;

/**
 * Builds the next generation of a projection and switches to it. If `apply` throws, the job fails, and its next attempt
 * goes on with the events that failed. A page of 1,000 events
 * costs 1 statement; each 100 events cost a transaction and the work of `apply`.
 */
export async function rebuild(projection: Projection, context: JobContext): Promise<object | JobOutcome> {
  const { stream, name, generation: declared } = projection.consumer;
  const { store, system } = context.scope;
  const { tenant, commit } = context.tenant;
  const group = { tenant, stream: stream.name, name };
  const reader = { tenant: group.tenant, query: store.query };
  const started = system.now();
  await openGroup(store, group, declared);
  let built = await beginGeneration(reader, group);
  const { building } = built;
  for (;;) {
    context.signal.throwIfAborted();
    const page = await replayStored(reader, stream.name, { after: built, limit: LARGEST_PAGE });
    for (let from = 0; from < page.events.length; from += LARGEST_PIECE) {
      const piece = page.events.slice(from, from + LARGEST_PIECE);
      const { xid, position } = piece.at(-1) ?? built;
      built = { building, xid, position };
      await commit(async (tx) => {
        await projection.applyTo(tx, group, building, piece);
        await reachBuilt(tx, group, built);
      });
    }
    if (!page.more && (await switchGeneration(projection, context, building))) break;
    if (system.now() - started > (context.deadline - started) / 2) return continueWith(null);
  }
  await clearOlder(projection, context);
  context.log.info('streams.rebuilt', { stream: stream.name, projection: name, generation: building });
  return { generation: building };
}

/** Brings the new generation up to the present one, and switches. Returns `false` if too much is missing. */
async function switchGeneration(projection: Projection, context: JobContext, building: number): Promise<boolean> {
  const { stream, name, generation: declared } = projection.consumer;
  const { tenant, commit } = context.tenant;
  const group = { tenant, stream: stream.name, name };
  return commit(async (tx) => {
    const active = await lockGeneration(tx, group, 'UPDATE');
    if (active >= building) return true;
    const missing = await keysBehind(tx, group, { behind: building, ahead: active, limit: MOST_KEYS + 1 });
    for (const { key, version } of missing.slice(0, MOST_KEYS)) {
      // The event is the last one of its key; `applyTo` reads the events before it.
      const events = await readStored(tx, stream.name, key, { after: version - 1, to: version });
      await projection.applyTo(tx, group, building, events);
    }
    if (missing.length > MOST_KEYS) return false;
    await switchTo(tx, group, building, declared);
    // The new rows have the events that were put aside, so the next run finds them handled and frees their keys.
    await replayBuilt(tx, group, building);
    tx.invalidate(...projection.tags);
    return true;
  });
}

/** Deletes the rows of the generations before the present one. A repetition deletes nothing. */
async function clearOlder({ consumer, clear }: Projection, context: JobContext): Promise<void> {
  const { stream, name } = consumer;
  const { tenant, commit } = context.tenant;
  const group = { tenant, stream: stream.name, name };
  await commit(async (tx) => {
    const active = await readGeneration(tx, stream.name, name);
    await clear(tx, active);
    await forgetVersions(tx, group, active);
  });
}
