/**
 * One emulator: its state, which is plain data, and what it is made with. Everything else in this folder is functions over
 * these two.
 */
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

/** What one emulator remembers. In memory, and gone with the process. */
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
  /** Attempts under way, those that wait for one to end, and those that are kept back because of their destination. */
  sending: { active: number; waiting: Fifo<Message>; held: Message[]; heldOrigin: string | undefined };
  /** The message that the reorder fault holds back. */
  heldBack: Message | undefined;
}

/** What an account may have. */
export interface Limits extends PublishRules {
  /** Attempts under way at once, of all messages. */
  parallelism: number;
  queues: number;
  queueParallelism: number;
  schedules: number;
  topics: number;
  endpointsPerTopic: number;
  /** Answers of destinations are cut off here when they are kept or passed on. */
  maxResponseBytes: number;
  deduplicationWindowMs: number;
}

/** Those of the pay-as-you-go plan, where they are documented. */
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

/** Everything the emulator works with. */
export interface Emulator {
  state: State;
  limits: Limits;
  clock: Clock;
  faults: Faults;
  region: string;
  ids: () => string;
  /** Sends the deliveries. */
  fetch: typeof fetch;
  /** Runs something after `ms` milliseconds of real time, unless the returned function is called before. */
  timer: (ms: number, run: () => void) => () => void;
  /** The attempts under way, which are cut off when the emulator closes. */
  open: Set<AbortController>;
  log: (line: string) => void;
}

const EVENTS_KEPT = 10_000;

/** The state of an emulator that has just started. */
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
