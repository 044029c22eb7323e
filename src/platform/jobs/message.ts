/**
 * The message: the complete description of one job, the same in the outbox, in QStash's delivery and in the record.
 * QStash signs the whole message, so the app can trust a verified message without a lookup.
 */
import { z } from 'zod';
import { RedisError } from '../redis/index.ts';
import type { Job, Priority } from './job.ts';

/** The settings for QStash's delivery of a message. */
const deliverySchema = z.object({
  retries: z.number().int(),
  /** The retry delay (a QStash expression) for a run that crashed. Such a run could not send `Retry-After`. */
  retryDelay: z.string(),
  timeoutSeconds: z.number().int(),
  /** The lane of the job. Deliveries with the same key share a limit of parallel runs. */
  lane: z.object({ key: z.string(), parallelism: z.number().int() }).optional(),
});

const plainMessageSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  tenant: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/i),
  name: z.string().min(1),
  version: z.number().int(),
  /** A number that grows with each new message of the job: by a snooze, a slice, a replay, `runJobNow` or the sweep. */
  generation: z.number().int(),
  /** `enqueuedAt` and `dueAt` are in ms since the epoch. */
  enqueuedAt: z.number(),
  dueAt: z.number(),
  priority: z.enum(['high', 'normal', 'low']),
  /** The input, in the form that `pack` of `payload.ts` returns. */
  input: z.string(),
  unique: z.string().optional(),
  debounced: z.boolean().optional(),
  /** The header `traceparent` of the scope that enqueued the job. */
  trace: z.string().max(200).optional(),
  /** Whether the job tells its progress and its end to the topic of its id. */
  live: z.boolean().optional(),
  /** The fan-out to which the job belongs. */
  batch: z.object({ id: z.string(), size: z.number().int() }).optional(),
  delivery: deliverySchema,
});

/** A message; see the comment at the top of this file. */
export type Message = z.infer<typeof plainMessageSchema> & {
  /** The follow-up job: enqueued when this job is done, or when all jobs of this job's fan-out have ended. */
  next?: Message | undefined;
};

/**
 * Checks the form of a delivered message. Its signature has been verified, but another release may have written the
 * message.
 */
export const messageSchema: z.ZodType<Message> = plainMessageSchema.extend({
  get next() {
    return messageSchema.optional();
  },
});

/**
 * Reads a message from the text in a record.
 * @throws {RedisError} `REDIS_REPLY` if the text is not valid JSON.
 */
export function parseMessage(text: string): Message {
  try {
    // The type is known, because JSON.stringify wrote every stored text from a message.
    return JSON.parse(text) as Message;
  } catch {
    throw new RedisError('REDIS_REPLY', 'A kept message cannot be read');
  }
}

/** The largest size of a message, in bytes: well below the largest request body that the app accepts. */
export const LARGEST_MESSAGE = 200 * 1024;

/** The time, in ms, that QStash waits for the response in addition to the run's time limit. */
const DELIVERY_MARGIN_MS = 10_000;
/**
 * The time, in ms, that a lease lasts in addition to the run's time limit, so that no redelivery can start while the
 * run is in progress.
 */
const LEASE_MARGIN_MS = 15_000;
/**
 * Additional retries for deliveries that do not run the job: another run is active, or the release does not know the
 * job.
 */
const SPARE_RETRIES = 3;

/** Returns the length of a run's lease, in ms. */
export function leaseMsOf(job: Pick<Job, 'timeoutMs'>): number {
  return job.timeoutMs + LEASE_MARGIN_MS;
}

/** Returns the settings for QStash's delivery of a job. */
export function deliveryOf(job: Job, priority: Priority): Message['delivery'] {
  const { first, factor, max } = job.backoff;
  return {
    retries: job.retries + job.maxCrashes + SPARE_RETRIES,
    retryDelay: `min(${max}, ${first} * pow(${factor}, retried))`,
    timeoutSeconds: Math.ceil((job.timeoutMs + DELIVERY_MARGIN_MS) / 1000),
    ...(job.concurrency === null
      ? {}
      : { lane: { key: `${job.queue}.${priority}`, parallelism: parallelismOf(job.concurrency, priority) } }),
  };
}

/** Returns the limit of a priority's lane. Separate lanes keep unimportant jobs from delaying important jobs. */
function parallelismOf(concurrency: number, priority: Priority): number {
  return priority === 'low' ? Math.max(1, Math.floor(concurrency / 4)) : concurrency;
}
