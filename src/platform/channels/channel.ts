/**
 * `channel()` declares messages of the platform to its long-lived processes. A message is lost for each process that does
 * not listen at that moment, so a message may only speed up what a process would do later in any case. For updates that
 * must not get lost, use a feed or a stream.
 */
import type { z } from 'zod';
import { CodedError } from '../coded-error.ts';
import { key, NO_TENANT, type RedisClient, type RedisKey } from '../redis/index.ts';

/** A declared channel. */
export interface Channel<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
  /** The name of the channel in Redis. */
  readonly key: RedisKey;
}

/**
 * - `CHANNEL_NAME`: the name of a channel is invalid.
 * - `CHANNEL_MESSAGE`: a message does not match the channel's schema, or is too large.
 */
export type ChannelErrorCode = 'CHANNEL_NAME' | 'CHANNEL_MESSAGE';

/** A mistake in the use of channels. The text of the error contains no data of the message. */
export class ChannelError extends CodedError<ChannelErrorCode> {
  override readonly name = 'ChannelError';
}

/** The largest message as JSON, in bytes of UTF-8: 64 KiB. */
export const LARGEST_MESSAGE = 65_536;

/**
 * Declares a channel, without I/O. A channel belongs to no tenant: every listener of the deployment receives every
 * message, so a message must contain no personal data.
 * @throws {ChannelError} `CHANNEL_NAME` if the name is not 1 to 64 lower-case letters, digits, dots and dashes, the
 * first of them a letter.
 * @example
 * ```ts
 * export const keysRotated = channel('keys.rotated', z.object({ current: z.string() }));
 * ```
 */
export function channel<Schema extends z.ZodType>(name: string, schema: Schema): Channel<Schema> {
  if (!/^[a-z][a-z0-9.-]{0,63}$/.test(name)) {
    throw new ChannelError('CHANNEL_NAME', `Channel ${name}: the name must be 1 to 64 of a-z, 0-9, dot and dash`);
  }
  return { name, schema, key: key(NO_TENANT, 'channel', name) };
}

/**
 * Publishes a message. 1 request, 1 command; the command joins the request of other commands of the same turn of the
 * event loop.
 * @returns the number of listeners that Redis has sent the message to.
 * @throws {ChannelError} `CHANNEL_MESSAGE`; then nothing was sent.
 * @throws {RedisError}
 */
export async function publish<Schema extends z.ZodType>(
  redis: RedisClient,
  { name, schema, key }: Channel<Schema>,
  message: z.input<Schema>,
): Promise<number> {
  const checked = schema.safeParse(message);
  if (!checked.success) {
    throw new ChannelError('CHANNEL_MESSAGE', `Channel ${name}: the message is wrong at ${fieldsOf(checked.error)}`);
  }
  const text = JSON.stringify(checked.data);
  if (text === undefined || Buffer.byteLength(text) > LARGEST_MESSAGE) {
    throw new ChannelError('CHANNEL_MESSAGE', `Channel ${name}: a message is JSON of at most ${LARGEST_MESSAGE} bytes`);
  }
  return redis.publish(key, text);
}

/** Returns the paths of the wrong fields. The values stay out, because errors reach the log. */
export function fieldsOf({ issues }: z.ZodError): string {
  return [...new Set(issues.map(({ path }) => path.join('.') || 'the message'))].join(', ');
}
