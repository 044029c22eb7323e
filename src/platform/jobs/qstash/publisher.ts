/**
 * Publishes messages to QStash: one `POST /v2/batch` for up to 100 messages. The response has a result for each
 * message. This file uses `fetch` and the documented HTTP API, because the official client adds its own retries.
 */
import { readRetryAfter } from '../../duration.ts';
import type { System } from '../../system.ts';
import { JobError } from '../errors.ts';
import { type Message, parseMessage } from '../message.ts';
import type { SendToQstash } from './send.ts';

/** A message, and the delay until its delivery. */
export interface Outgoing {
  message: Message;
  delayMs: number;
}

/**
 * Returns the message to publish, from the `text` of a record. The message gets the given generation, and is due
 * `delayMs` after `now`.
 */
export function handover(text: string, generation: number, delayMs: number, now: number): Outgoing {
  const message = parseMessage(text);
  return { message: { ...message, generation, dueAt: now + delayMs }, delayMs };
}

/** Publishes messages to QStash. */
export interface Publisher {
  /**
   * Publishes messages, in order of priority. 1 request to QStash for each hundred messages.
   * @returns for each message, a fulfilled result if QStash accepted the message; otherwise a rejected result, whose
   * reason is a {@link JobError} `JOB_NOT_PUBLISHED`.
   */
  publish(outgoing: readonly Outgoing[]): Promise<PromiseSettledResult<void>[]>;
}

/** Settings of a {@link Publisher}. */
export interface PublisherOptions {
  url: string;
  token: string;
  /** The origin to which QStash delivers; see {@link deliveryOrigin}. */
  deliverTo: string;
  fetch: SendToQstash;
  system: Pick<System, 'now'>;
}

/** Returns the origin under which QStash reaches this app. Signatures are bound to this origin. */
export function deliveryOrigin({ JOBS_URL, APP_URL }: { JOBS_URL?: string | undefined; APP_URL: string }): string {
  return JOBS_URL ?? APP_URL;
}

/** Returns the path to which QStash delivers a job. */
export function deliveryPath(name: string): string {
  return `/jobs/run/${name}`;
}

/** The longest wait for QStash's response, in ms. */
const TIMEOUT_MS = 5_000;
const LARGEST_BATCH = 100;
/**
 * A job that is delivered sooner continues the trace of its enqueuer; a later one is linked to it. A trace that lasts
 * for days cannot be read.
 */
const SAME_TRACE_MS = 60_000;
const RANK = { high: 0, normal: 1, low: 2 } as const;

/** Creates a publisher. */
export function createPublisher({ url, token, deliverTo, fetch: send, system }: PublisherOptions): Publisher {
  const endpoint = `${url.replace(/\/+$/, '')}/v2/batch`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  async function publishBatch(batch: readonly Outgoing[]): Promise<PromiseSettledResult<void>[]> {
    try {
      const body = JSON.stringify(batch.map((message) => itemOf(message, deliverTo)));
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await send(endpoint, { method: 'POST', headers, body, signal });
      const text = await response.text();
      if (!response.ok) {
        const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), system.now());
        throw notPublished(`QStash answered HTTP ${response.status}`, retryAfterMs);
      }
      const items = JSON.parse(text) as unknown;
      // A missing item means that QStash did not confirm the message, so the message counts as refused.
      return batch.map((_each, index) => verdictOf(Array.isArray(items) ? items[index] : undefined));
    } catch (error) {
      const reason = error instanceof JobError ? error : notPublished('QStash could not be reached');
      return batch.map(() => ({ status: 'rejected', reason }));
    }
  }

  return {
    async publish(outgoing) {
      const verdicts = new Map<Outgoing, PromiseSettledResult<void>>();
      const inOrder = outgoing.toSorted((one, two) => RANK[one.message.priority] - RANK[two.message.priority]);
      for (let start = 0; start < inOrder.length; start += LARGEST_BATCH) {
        const batch = inOrder.slice(start, start + LARGEST_BATCH);
        const results = await publishBatch(batch);
        for (const [index, each] of batch.entries()) {
          const result = results[index];
          if (result) verdicts.set(each, result);
        }
      }
      return outgoing.map((message) => verdicts.get(message) ?? verdictOf(undefined));
    },
  };
}

function itemOf({ message, delayMs }: Outgoing, deliverTo: string) {
  const { delivery, name } = message;
  return {
    destination: `${deliverTo}${deliveryPath(name)}`,
    headers: {
      'content-type': 'application/json',
      'upstash-deduplication-id': `${message.tenant}:${message.id}:${message.generation}`,
      'upstash-retries': String(delivery.retries),
      'upstash-retry-delay': delivery.retryDelay,
      'upstash-timeout': `${delivery.timeoutSeconds}s`,
      'upstash-label': name,
      ...(message.trace !== undefined && delayMs < SAME_TRACE_MS
        ? { 'upstash-forward-traceparent': message.trace }
        : {}),
      ...(delayMs > 0 ? { 'upstash-delay': `${Math.ceil(delayMs / 1000)}s` } : {}),
      ...(delivery.lane
        ? {
            'upstash-flow-control-key': delivery.lane.key,
            'upstash-flow-control-value': `parallelism=${delivery.lane.parallelism}`,
          }
        : {}),
    },
    body: JSON.stringify(message),
  };
}

/** Converts an item of QStash's response to the result of the message at the same position. */
function verdictOf(item: unknown): PromiseSettledResult<void> {
  const taken = typeof item === 'object' && item !== null && 'messageId' in item;
  if (taken) return { status: 'fulfilled', value: undefined };
  return { status: 'rejected', reason: notPublished('QStash refused the message') };
}

function notPublished(message: string, retryAfterMs?: number): JobError {
  return new JobError('JOB_NOT_PUBLISHED', message, retryAfterMs);
}
