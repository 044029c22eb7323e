/**
 * `projection()` declares rows that follow from the events of a stream. An event's changes and the version of its key
 * are one SQL transaction, so each event takes effect once, however often it is delivered.
 *
 * The rows of a projection carry a generation. `rebuild` builds the next generation from SQL while readers see the
 * present one, then switches in one transaction.
 */
import { z } from 'zod';
import { type EventDefinitions, type EventOf, present, type Stream } from '../events/index.ts';
import { type JobContext, type JobTransaction, job } from '../jobs/index.ts';
import type { Tag } from '../redis/index.ts';
import { type ConsumerSettings, declareConsumer } from './consumer.ts';
import { lockGeneration } from './generation.ts';
import type { Consumer } from './group-run.ts';
import { type Projection, rebuild } from './rebuild.ts';
import { inOrder, lockVersions, writeVersions } from './versions.ts';

/** The declaration of a projection. */
export interface ProjectionDefinition<Events extends EventDefinitions> extends ConsumerSettings {
  /** Increase this number when `apply` makes other rows: the next run starts a rebuild. Default 1. */
  generation?: number;
  /** Changes the projection's rows of a generation. The events of a key come in order, and each takes effect once. */
  apply(tx: JobTransaction, event: EventOf<Events>, generation: number): Promise<void>;
  /** Deletes the rows of all generations before this one, which readers no longer see. */
  clear(tx: JobTransaction, generation: number): Promise<void>;
  /** The tags of the cached values that read the projection. A switch to another generation invalidates these tags. */
  tags?: readonly Tag[];
}

/**
 * Declares a projection.
 * @throws {TypeError} if the declaration is invalid.
 * @example
 * ```ts
 * export const paidInvoices = projection(invoices, 'paid-invoices', {
 *   async apply(tx, { type, key, at }, generation) {
 *     if (type === 'paid') await addRow(tx, generation, key, at);
 *   },
 *   clear: (tx, generation) => removeRowsBefore(tx, generation),
 * });
 * ```
 */
export function projection<const Events extends EventDefinitions>(
  stream: Stream<Events>,
  name: string,
  { generation = 1, apply, clear, tags = [], ...settings }: ProjectionDefinition<Events>,
): Consumer {
  if (!Number.isInteger(generation) || generation < 1) {
    throw new TypeError(`Projection ${name} of stream ${stream.name}: generation must be a whole number from 1`);
  }
  const made: Projection = {
    consumer: { stream, name, generation },
    tags,
    clear,
    async applyTo(tx, group, into, events) {
      const versionsOf = { ...group, generation: into };
      const versions = await lockVersions(
        tx,
        versionsOf,
        events.map(({ key }) => key),
      );
      const ordered = await inOrder(tx, stream.name, versions, events);
      for (const event of ordered) await apply(tx, present(stream, event), into);
      if (ordered.length > 0) await writeVersions(tx, versionsOf, versions);
    },
  };
  return declareConsumer(stream, name, settings, {
    order: 'key',
    generation,
    async apply(events, { group, context }) {
      if (events.length === 0) return;
      const { commit } = context.tenant;
      await commit(async (tx) => made.applyTo(tx, group, await lockGeneration(tx, group, 'SHARE'), events));
    },
    rebuild: job(`stream.${stream.name}.${name}.rebuild`, {
      input: z.object({}),
      unique: () => 'rebuild',
      timeout: '5m',
      run: (_input, context: JobContext) => rebuild(made, context),
    }),
  });
}
