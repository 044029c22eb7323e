/**
 * One emulator: its state, which is plain data, and its dependencies. The other files of this folder contain functions
 * that take an emulator.
 */
import type { AnswerHeaders } from '../../src/platform/keep-alive-fetch.ts';
import type { Clock } from './clock.ts';
import type { SeenKeys } from './deduplication.ts';
import { type DeadLetters, deadLetters } from './dlq.ts';
import { type EventLog, eventLog } from './events.ts';
import type { Faults } from './faults.ts';
import { type Fifo, fifo } from './fifo.ts';
import type { Flow } from './flow-control.ts';
import type { Message } from './message.ts';
import type { PublishRules } from './publication.ts';
import type { Queue } from './queues.ts';
import type { Schedule } from './schedules.ts';
import type { SigningKeys } from './signature.ts';
import type { Topic } from './topics.ts';

/** The state of one emulator, in memory. `saved-state.ts` copies the part that must survive a restart. */
export interface State {
  /** Messages that are neither delivered nor dead, oldest first. */
  messages: Map<string, Message>;
  queues: Map<string, Queue>;
  topics: Map<string, Topic>;
  schedules: Map<string, Schedule>;
  flows: Map<string, Flow>;
  dead: DeadLetters;
  events: EventLog;
  seen: SeenKeys;
  keys: SigningKeys;
  /**
   * The number of attempts in progress, the messages that wait for a free slot, the messages that are held back, and
   * the origin whose messages are held back.
   */
  sending: { active: number; waiting: Fifo<Message>; held: Message[]; heldOrigin: string | undefined };
  /** The message that the fault `reorder` holds back. */
  heldBack: Message | undefined;
}

/** The limits of an account. */
export interface Limits extends PublishRules {
  /** The maximum number of parallel attempts of all messages together. */
  parallelism: number;
  queues: number;
  queueParallelism: number;
  schedules: number;
  topics: number;
  endpointsPerTopic: number;
  /** The size in bytes at which a stored or forwarded response of a destination is cut off. */
  maxResponseBytes: number;
  deduplicationWindowMs: number;
}

/** The documented limits of the pay-as-you-go plan. */
export const DEFAULT_LIMITS: Limits = {
  parallelism: 100,
  queues: 100,
  queueParallelism: 100,
  schedules: 1_000,
  topics: 100,
  endpointsPerTopic: 100,
  maxDelayMs: 365 * 86_400_000,
  maxTimeoutMs: 15 * 60 * 1_000,
  maxResponseBytes: 1024 * 1024,
  delayedCallbacks: false,
  deduplicationWindowMs: 10 * 60 * 1_000,
};

/** Sends one HTTP request. The global `fetch` fits; Node's own client needs a third of its CPU. */
export type SendAttempt = (
  url: string,
  request: {
    method: string;
    headers: Record<string, string>;
    body?: Uint8Array<ArrayBuffer>;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<{ status: number; headers: AnswerHeaders; arrayBuffer(): Promise<ArrayBuffer> }>;

/** The state and the dependencies of an emulator. */
export interface Emulator {
  state: State;
  limits: Limits;
  clock: Clock;
  faults: Faults;
  region: string;
  ids: () => string;
  /** Sends the HTTP requests of deliveries. */
  fetch: SendAttempt;
  /** Runs `run` after `ms` milliseconds of real time; the returned function cancels the timer. */
  timer: (ms: number, run: () => void) => () => void;
  /** The attempts in progress, which are aborted when the emulator closes. */
  open: Set<AbortController>;
  log: (line: string) => void;
}

const EVENTS_KEPT = 10_000;

/** Creates the state of a new emulator. */
export function emptyState(keys: SigningKeys): State {
  return {
    messages: new Map(),
    queues: new Map(),
    topics: new Map(),
    schedules: new Map(),
    flows: new Map(),
    dead: deadLetters(),
    events: eventLog(EVENTS_KEPT),
    seen: new Map(),
    keys: { ...keys },
    sending: { active: 0, waiting: fifo(), held: [], heldOrigin: undefined },
    heldBack: undefined,
  };
}
