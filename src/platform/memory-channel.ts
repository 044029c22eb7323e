/**
 * The channel by which long-lived processes drop values from their memory; see `memory` of `query()`. Without the channel,
 * a process may answer from its memory for the whole `memory` time after a write of another process. With the channel,
 * the answer is outdated only until the message arrives. The `memory` time stays the limit if a message is lost.
 *
 * A message has the keys of the versions of the changed tags, never a value. Each invalidation sends its message in the
 * request that gives the tags their new versions, after them. So a process that reads again after the message gets the
 * new versions.
 */
import { z } from 'zod';
import type { Changed, Memory } from './cache/index.ts';
import {
  channel,
  type Listener,
  type ListenOptions,
  type ListenServices,
  listen,
  publish,
  receive,
} from './channels/index.ts';
import type { Log } from './log.ts';
import type { RedisClient, RedisKey } from './redis/index.ts';

/** The maximum number of tags that a message names. More tags become a message about all values. */
const MOST_TAGS = 250;

/** The values that have become invalid: those that depend on one of these versions, or all. */
export const invalidated = channel(
  'cache.invalidated',
  z.strictObject({ versions: z.union([z.array(z.string().startsWith('hf:')).max(MOST_TAGS), z.literal('all')]) }),
);

/**
 * Returns the function that tells other processes of invalidations: 1 command, and no request, because the cache calls
 * the function in the turn in which it sends the new versions. The function never throws, because an invalidation is
 * complete without the message.
 */
export function tellProcesses({ redis, log }: { redis: RedisClient; log: Log }): (changed: Changed) => void {
  return (changed) => {
    const versions = changed === 'all' || changed.length > MOST_TAGS ? 'all' : [...changed];
    publish(redis, invalidated, { versions }).catch((error: unknown) => log.warn('cache.not_told', { error }));
  };
}

/**
 * Drops values from a memory when other processes invalidate them. A gap drops all values. 1 request and 1 command for
 * each opening of the subscription. See {@link listen} for the platforms.
 * @param more receivers of further channels on the same subscription.
 */
export function dropOnInvalidation(
  services: ListenServices,
  memory: Memory,
  more: Partial<ListenOptions> = {},
): Listener {
  return listen(services, {
    receivers: [
      receive(invalidated, ({ versions }) => {
        if (versions === 'all') memory.forgetAll();
        // The keys of a message are those of `versionKey`, because only `tellProcesses` publishes on this channel.
        else memory.forgetDependents(versions as RedisKey[]);
      }),
      ...(more.receivers ?? []),
    ],
    onGap() {
      memory.forgetAll();
      more.onGap?.();
    },
  });
}
