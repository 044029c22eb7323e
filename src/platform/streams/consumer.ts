/**
 * `consumer()` declares a group that handles the events of a stream, at least once. A consumer is a value created at
 * module load, without I/O. Its job needs no worker that waits: the publication of an event enqueues the job, which
 * takes and handles batches until none are left.
 */
import { z } from 'zod';
import { declare } from '../declared.ts';
import type { Duration } from '../duration.ts';
import { type EventDefinitions, type EventOf, present, type StoredEvent, type Stream } from '../events/index.ts';
import { type JobScope, type JobTenant, job } from '../jobs/index.ts';
import type { Log } from '../log.ts';
import type { Consumer } from './group-run.ts';
import { runGroup } from './run.ts';
import { inOrder, readVersions, writeVersions } from './versions.ts';

/** The services of one run of a group. */
export interface ConsumerContext {
  readonly tenant: JobTenant;
  readonly scope: JobScope;
  readonly log: Log;
  /** Aborts at the deadline of the job. Pass this signal to `fetch`. */
  readonly signal: AbortSignal;
}

/** The settings that consumers and projections share. */
export interface ConsumerSettings {
  /** The most events of one batch, at most 100. Default 100. */
  batch?: number;
  /** The attempts after the first, before an event is put aside. Default 5. */
  retries?: number;
  /** The time limit of one run of the job. A run that has used half of it goes on in a new slice. Default 1 min. */
  timeout?: Duration;
}

/** The declaration of a {@link Consumer}. */
export interface ConsumerDefinition<Events extends EventDefinitions> extends ConsumerSettings {
  /**
   * `key`: the events of a key are handled in the order of their versions. While an event of a key is put aside, the
   * later events of the key are put aside too. `none`: the order does not matter, so only the failed event is put
   * aside. Default `key`.
   */
  order?: 'key' | 'none';
  /**
   * Handles events. If `run` throws for several events, each of them is given to `run` again alone, to find the event
   * that fails. So effects must be repeatable; a {@link projection} has its effects once.
   */
  run(events: EventOf<Events>[], context: ConsumerContext): Promise<void>;
}

const declared = new Map<string, Consumer[]>();

/** Returns the consumers of a stream that the loaded modules declare. */
export function consumersOf(stream: string): readonly Consumer[] {
  return declared.get(stream) ?? [];
}

/** Returns the names of the groups of a stream. */
export function namesOf(stream: string): string[] {
  return consumersOf(stream).map(({ name }) => name);
}

/** Returns all consumers that the loaded modules declare. */
export function declaredConsumers(): readonly Consumer[] {
  return [...declared.values()].flat();
}

/**
 * Declares a consumer group.
 * @throws {TypeError} if the declaration is invalid.
 * @throws {JobError} `JOB_DEFINITION` if the name or the time limit is invalid.
 * @example
 * ```ts
 * export const welcomeMails = consumer(customers, 'welcome-mails', {
 *   async run(events, { tenant }) {
 *     for (const { type, key, id } of events) if (type === 'joined') await enqueue(tenant, welcome, { key }, { id });
 *   },
 * });
 * ```
 */
export function consumer<const Events extends EventDefinitions>(
  stream: Stream<Events>,
  name: string,
  definition: ConsumerDefinition<Events>,
): Consumer {
  const { order = 'key' } = definition;
  return declareConsumer(stream, name, definition, {
    order,
    generation: 0,
    async apply(stored, { group, context }) {
      const run = (events: readonly StoredEvent[]) =>
        events.length === 0
          ? undefined
          : definition.run(
              events.map((event) => present(stream, event)),
              context,
            );
      if (order === 'none') return run(stored);
      const { store } = context.scope;
      const reader = { tenant: group.tenant, query: store.query };
      const versionsOf = { ...group, generation: 0 };
      const versions = await readVersions(
        reader,
        versionsOf,
        stored.map(({ key }) => key),
      );
      await run(await inOrder(reader, stream.name, versions, stored));
      await writeVersions(reader, versionsOf, versions);
    },
  });
}

/** Declares the job of a group, and makes the group known to the publication of its stream's events. */
export function declareConsumer(
  stream: Stream<EventDefinitions>,
  name: string,
  { batch = 100, retries = 5, timeout }: ConsumerSettings,
  parts: Pick<Consumer, 'order' | 'generation' | 'apply' | 'rebuild'>,
): Consumer {
  const place = `Consumer ${name} of stream ${stream.name}`;
  if (!Number.isInteger(batch) || batch < 1 || batch > 100)
    throw new TypeError(`${place}: batch must be from 1 to 100`);
  if (!Number.isInteger(retries) || retries < 0) throw new TypeError(`${place}: retries must be a whole number from 0`);
  if (!stream.distribute) throw new TypeError(`${place}: the stream is not distributed`);
  const others = consumersOf(stream.name);
  if (others.some((other) => other.name === name)) throw new TypeError(`${place}: the name is taken`);
  const made: Consumer = {
    ...parts,
    stream,
    name,
    batch,
    most: retries + 1,
    job: job(`stream.${stream.name}.${name}`, {
      input: z.object({}),
      ...(timeout === undefined ? {} : { timeout }),
      run: (_input, context) => runGroup(made, namesOf(stream.name), context),
    }),
  };
  declared.set(stream.name, [...others, made]);
  declare({ kind: 'consumer', name: `${stream.name}.${name}` });
  return made;
}
