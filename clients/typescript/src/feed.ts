/**
 * Live updates: `GET /feeds` as an async iterator. It connects again after each end of a connection, and resumes after the
 * last event, so no event is lost without a `reset`.
 */
import { type Block, readEventStream } from '../../../src/platform/feeds/browser/event-stream.ts';
import { HoldfastError } from './errors.ts';
import { type Parts, pause } from './parts.ts';

const DEFAULT_RETRY_MS = 3_000;
const LONGEST_BACKOFF_MS = 30_000;
/** A connection that was silent for so many heartbeats is dead. */
const DEAD_AFTER_HEARTBEATS = 2.5;

/** An event. The `cursor` resumes after it. */
export type FeedEvent =
  /** Read again all that the topic is about: at the start, and where events may be missing. */
  | { kind: 'reset'; topic: string; why: 'start' | 'trimmed' | 'lost' | 'behind'; cursor: string }
  /** A hint that a row has changed: read it again. */
  | { kind: 'event'; topic: string; data: FeedData; cursor: string };

/** The data of an event; the description of `GET /feeds` lists the topics. */
export interface FeedData {
  type?: string;
  id?: string;
  [name: string]: unknown;
}

/** The topics to listen to, such as `['deals', 'inbox']`, and the cursor of the last event, to resume. */
export interface FeedInput {
  topics: readonly string[];
  after?: string | undefined;
}

/**
 * Sends the request of a connection.
 * @throws {HoldfastError} for a refusal, or if no answer arrived
 */
export type Connect = (input: { topics: string; after?: string | undefined }, signal: AbortSignal) => Promise<Response>;

/**
 * Yields the events of the topics until the signal aborts or the session has ended.
 * @throws {HoldfastError} for a topic that does not exist or needs a right that the caller lacks
 */
export async function* listen(
  connect: Connect,
  parts: Parts,
  { topics, after }: FeedInput,
  signal?: AbortSignal,
): AsyncGenerator<FeedEvent, void> {
  let cursor = after;
  let retryMs = DEFAULT_RETRY_MS;
  /** Attempts in a row that did not reach `hello`. */
  let failures = 0;
  let hasEnded = false;

  while (!hasEnded && !signal?.aborted) {
    const line = new AbortController();
    let timer: unknown;
    let silenceMs: number | undefined;
    let leastWaitMs = 0;
    const blocks: Block[] = [];
    const heard = () => {
      parts.clearTimeout(timer);
      if (silenceMs !== undefined) timer = parts.setTimeout(() => line.abort(), silenceMs);
    };
    const read = readEventStream(
      (block) => blocks.push(block),
      (ms) => {
        retryMs = ms;
      },
    );
    try {
      const both = signal ? AbortSignal.any([signal, line.signal]) : line.signal;
      const { status, body } = await connect({ topics: topics.join(), after: cursor }, both);
      // The session of a browser has ended.
      if (status === 204 || !body) return;
      const decoder = new TextDecoder();
      const reader = body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        read(decoder.decode(value, { stream: true }));
        heard();
        for (const { id, event, data } of blocks.splice(0)) {
          const told = data === undefined ? {} : JSON.parse(data);
          if (event === 'hello') {
            failures = 0;
            silenceMs = told.heartbeatMs * DEAD_AFTER_HEARTBEATS;
            heard();
            const isFirst = cursor === undefined;
            cursor = id;
            if (isFirst) for (const topic of topics) yield { kind: 'reset', topic, why: 'start', cursor };
          } else if (event === 'bye') {
            hasEnded = told.why === 'session';
            leastWaitMs = told.retryMs ?? 0;
          } else {
            cursor = id;
            if (event === 'reset') yield { kind: 'reset', ...told, cursor };
            else if (event !== '') yield { kind: 'event', topic: event, data: told, cursor };
          }
        }
      }
    } catch (error) {
      leastWaitMs = waitAfter(error, signal);
      failures += 1;
    } finally {
      parts.clearTimeout(timer);
      line.abort();
    }
    const backoff = Math.min(retryMs * 2 ** failures, LONGEST_BACKOFF_MS) * (0.5 + parts.random() / 2);
    if (!hasEnded) await pause(parts, Math.max(failures > 0 ? backoff : retryMs, leastWaitMs), signal);
  }
}

/**
 * Returns the shortest wait after a failure, in ms.
 * @throws {HoldfastError} for a refusal that stays
 */
function waitAfter(error: unknown, signal: AbortSignal | undefined): number {
  // A connection that broke, or was silent for too long.
  if (!(error instanceof HoldfastError) || signal?.aborted) return 0;
  const { status, retryAfterMs = 0 } = error;
  if (status >= 400 && status < 500 && status !== 429) throw error;
  return retryAfterMs;
}
