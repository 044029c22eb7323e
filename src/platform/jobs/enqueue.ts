/**
 * Enqueueing adds a job's outbox entry to the SQL transaction of the write that needs the job. So the job exists if and
 * only if the write was committed. The message is published after COMMIT; if the publication fails, the drain repeats
 * it.
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Commit } from '../cache/index.ts';
import { type Duration, milliseconds } from '../duration.ts';
import type { Transaction } from '../outbox/index.ts';
import type { Sealer } from '../redis/index.ts';
import type { System } from '../system.ts';
import { checkedDelay, LONGEST_HANDOVER_MS } from './delays.ts';
import { JobError } from './errors.ts';
import type { Job, Priority } from './job.ts';
import { deliveryOf, LARGEST_MESSAGE, type Message, messageSchema } from './message.ts';
import { pack } from './payload.ts';

/** The kind of a job's outbox entry; see `outbox/outbox-handlers.ts`. */
export const JOB = 'job';

/** Settings of one job to enqueue. */
export interface EnqueueOptions {
  /** The shortest time before the job runs; at most 365 days. */
  delay?: Duration;
  /** The earliest time of the run, in ms since the epoch; at most 365 days ahead. */
  notBefore?: number;
  /**
   * The job's id: at most 64 characters of `[A-Za-z0-9_-]`. A second job with the same id has no effect until 8 days
   * after the end of the first job (30 days if the first job is dead). Default: a new id.
   */
  id?: string;
  /** Replaces the priority of the job's declaration. */
  priority?: Priority;
  /** The job to enqueue when this job is done. */
  next?: Planned;
}

/** Settings of many jobs to enqueue. */
export interface EnqueueManyOptions extends Pick<EnqueueOptions, 'delay' | 'notBefore' | 'priority'> {
  /** The job to enqueue when all these jobs have ended: done, dead or cancelled. */
  whenAllEnded?: Planned;
}

/** A follow-up job; {@link plan} creates it. */
export interface Planned {
  messageOf(where: Surroundings): Promise<Message>;
}

/** The services that are needed to create a message. */
export interface Surroundings {
  tenant: string;
  system: System;
  sealer: Sealer | null;
  /** The header `traceparent` of the scope that enqueues. */
  traceparent?: string | undefined;
}

/**
 * The place to enqueue a job: an open transaction, or a tenant. For a tenant, `commit` makes a write with only the job:
 * 1 statement, without BEGIN and COMMIT.
 */
export type Where = Transaction | { readonly commit: Commit };

/**
 * Enqueues a job: in an open write with `enqueue(tx, …)`, or in a new write with `enqueue(c.var.tenant, …)`. Cost:
 * one row in the write and, after COMMIT and the response, 1 request to Redis (1 command) and 1 to QStash.
 * @returns the job's id.
 * @throws {JobError} `JOB_INPUT_INVALID`, `JOB_INPUT_TOO_LARGE`, `JOB_DELAY_TOO_LONG`, `JOB_SEAL_KEYS`, or
 * `JOB_DEFINITION` for an invalid id. In each case nothing was enqueued.
 * @example
 * ```ts
 * await commit(async (tx) => {
 *   const invoice = await tx.db.invoice.create({ data });
 *   await enqueue(tx, sendInvoice, { invoiceId: invoice.id }, { delay: '5m' });
 * });
 * ```
 */
export async function enqueue<Schema extends z.ZodType>(
  where: Where,
  job: Job<Schema>,
  input: z.input<Schema>,
  options: EnqueueOptions = {},
): Promise<string> {
  if ('commit' in where) return where.commit((tx) => enqueue(tx, job, input, options), { onlyEntries: true });
  const message = await messageFor(where, job, input, options);
  addToOutbox(where, message);
  return message.id;
}

/**
 * Enqueues a job for each input. One SQL statement writes all outbox entries; each hundred jobs cost 1 request to
 * Redis and 1 to QStash.
 * @returns the ids of the jobs, in the order of the inputs.
 * @throws {JobError} the errors of {@link enqueue}; then none of the jobs was enqueued.
 */
export async function enqueueMany<Schema extends z.ZodType>(
  where: Where,
  job: Job<Schema>,
  inputs: readonly z.input<Schema>[],
  options: EnqueueManyOptions = {},
): Promise<string[]> {
  if ('commit' in where) return where.commit((tx) => enqueueMany(tx, job, inputs, options), { onlyEntries: true });
  const { whenAllEnded, ...each } = options;
  const batch = whenAllEnded && { id: where.system.rowId('batch'), size: inputs.length };
  const next = await whenAllEnded?.messageOf(where);
  const messages = await Promise.all(inputs.map((input) => messageFor(where, job, input, each)));
  if (next && messages.length === 0) addToOutbox(where, next);
  for (const message of messages) addToOutbox(where, batch ? checkSize({ ...message, batch, next }) : message);
  return messages.map(({ id }) => id);
}

/** Creates a follow-up job for `next` or `whenAllEnded`. */
export function plan<Schema extends z.ZodType>(
  job: Job<Schema>,
  input: z.input<Schema>,
  options: Pick<EnqueueOptions, 'id' | 'priority' | 'next'> = {},
): Planned {
  return { messageOf: (where) => messageFor(where, job, input, options) };
}

/** Returns the id of a child job: always the same id for the same parent, slice and key. */
export function childId(parent: string, slice: number, key: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([parent, slice, key]))
    .digest('hex');
  return `job_${digest.slice(0, 32)}`;
}

/** Creates the message of a new job. */
export async function messageFor<Schema extends z.ZodType>(
  { tenant, system, sealer, traceparent }: Surroundings,
  job: Job<Schema>,
  input: z.input<Schema>,
  options: EnqueueOptions,
): Promise<Message> {
  const parsed = job.input.safeParse(input);
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map(({ path }) => path.map(String).join('.') || 'input'));
    throw new JobError('JOB_INPUT_INVALID', `The input of job ${job.name} does not fit: ${[...fields].join(', ')}`);
  }
  const id = options.id ?? system.rowId('job');
  const now = system.now();
  const priority = options.priority ?? job.priority;
  const unique = job.uniqueOf(parsed.data);
  const delayMs = Math.max(milliseconds(options.delay ?? 0), job.debounceMs);
  const place = { tenant, name: job.name, id, what: 'input' };
  const message: Message = {
    id,
    tenant,
    name: job.name,
    version: job.version,
    generation: 0,
    enqueuedAt: now,
    dueAt: now + checkedDelay(Math.max(delayMs, (options.notBefore ?? now) - now)),
    priority,
    // The message contains the input before parsing, because the schema parses it again before the run.
    input: await pack(input, place, job.sensitive ? sealer : undefined),
    ...(unique === null ? {} : { unique: job.sensitive ? digestOf(unique) : unique }),
    ...(job.debounceMs > 0 ? { debounced: true } : {}),
    ...(job.live ? { live: true } : {}),
    ...(traceparent === undefined ? {} : { trace: traceparent }),
    delivery: deliveryOf(job, priority),
    ...(options.next ? { next: await options.next.messageOf({ tenant, system, sealer, traceparent }) } : {}),
  };
  if (options.id !== undefined && !messageSchema.safeParse(message).success)
    throw new JobError('JOB_DEFINITION', 'This is not the id of a job');
  return checkSize(message);
}

function addToOutbox(tx: Transaction, message: Message): void {
  const tooFar = message.dueAt - tx.system.now() > LONGEST_HANDOVER_MS;
  tx.addToOutbox(JOB, message, tooFar ? message.dueAt - LONGEST_HANDOVER_MS : 0);
}

function checkSize(message: Message): Message {
  const text = JSON.stringify(message);
  // A UTF-16 code unit has at most 3 bytes in UTF-8.
  if (text.length * 3 <= LARGEST_MESSAGE) return message;
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= LARGEST_MESSAGE) return message;
  const advice = 'store the data and enqueue its id';
  throw new JobError('JOB_INPUT_TOO_LARGE', `The message of job ${message.name} has ${bytes} bytes; ${advice}`);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
