/**
 * The message: the whole description of one job, the same in the outbox, on its way through QStash and in the
 * record. Its signature covers it whole, so nothing of it has to be looked up before it is believed.
 */
import { z } from 'zod';
import { RedisError } from '../redis/index.ts';
import type { Job, Priority } from './job.ts';

/** How QStash shall deliver it. */
const deliverySchema = z.object({
  retries: z.number().int(),
  /** Retry delay (a QStash expression) after runs that crashed and so could not send `Retry-After`. */
  retryDelay: z.string(),
  timeoutSeconds: z.number().int(),
  /** Deliveries with the same key share a limit. */
  lane: z.object({ key: z.string(), parallelism: z.number().int() }).optional(),
});

const plainMessageSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  tenant: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/i),
  name: z.string().min(1),
  version: z.number().int(),
  /** Grows each time the job is redelivered: by a snooze, a next slice, a replay, or because it seemed lost. */
  generation: z.number().int(),
  /** Ms since the epoch. */
  enqueuedAt: z.number(),
  dueAt: z.number(),
  priority: z.enum(['high', 'normal', 'low']),
  /** As `payload.ts` writes it. */
  input: z.string(),
  unique: z.string().optional(),
  debounced: z.boolean().optional(),
  /** The fan-out that the job is part of. */
  batch: z.object({ id: z.string(), size: z.number().int() }).optional(),
  delivery: deliverySchema,
});

/** A message; see the comment at the top of this file. */
export type Message = z.infer<typeof plainMessageSchema> & {
  /** The job that follows when this one is done; for a part of a fan-out, when all its parts have ended. */
  next?: Message | undefined;
};

/** Checks a delivered message. Its signature is verified, but an older or newer release may have written it. */
export const messageSchema: z.ZodType<Message> = plainMessageSchema.extend({
  get next() {
    return messageSchema.optional();
  },
});

/**
 * Reads a message as a record keeps it.
 * @throws {RedisError} `REDIS_REPLY` for a text that is no message.
 */
export function parseMessage(text: string): Message {
  try {
    // The type is known: all kept texts are messages, written by JSON.stringify.
    return JSON.parse(text) as Message;
  } catch {
    throw new RedisError('REDIS_REPLY', 'A kept message cannot be read');
  }
}

/** The most bytes of a message: well below the largest request body that the app accepts. */
export const LARGEST_MESSAGE = 200 * 1024;

/** QStash waits for the answer this much longer than the run's time limit. */
const DELIVERY_MARGIN_MS = 10_000;
/** A lease lasts longer than its delivery, so that a repeated delivery never starts while the run is in progress. */
const LEASE_MARGIN_MS = 15_000;
/** Deliveries that count as no attempt: during another run, or to a release that does not know the job. */
const SPARE_RETRIES = 3;

/** How long a run holds its job, in ms. */
export function leaseMsOf(job: Pick<Job, 'timeoutMs'>): number {
  return job.timeoutMs + LEASE_MARGIN_MS;
}

/** How QStash shall deliver a job. */
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

/** Each priority has its own lane, so that a flood of unimportant jobs does not delay the others. */
function parallelismOf(concurrency: number, priority: Priority): number {
  return priority === 'low' ? Math.max(1, Math.floor(concurrency / 4)) : concurrency;
}
