/** Describes the emulator's state for the page and for `GET /_emulator/state`. */
import { describeMessage } from './describe-message.ts';
import { describeDeadLetter } from './dlq.ts';
import type { Emulator } from './emulator.ts';
import { describeEvent, newestFirst } from './events.ts';
import type { FaultPlan } from './faults.ts';
import { describeFlow } from './flow-control.ts';
import { describeQueue } from './queues.ts';
import { describeSchedule } from './schedules.ts';
import { describeTopic } from './topics.ts';

type Described = Record<string, unknown>;

/** A part of the state. Each list has at most 200 items, but the counts include all items. */
export interface Snapshot {
  clock: { now: number; waiting: number; next: number | undefined };
  counts: Record<'messages' | 'deadLetters' | 'sending' | 'waitingToSend', number>;
  messages: Described[];
  queues: Described[];
  schedules: Described[];
  topics: Described[];
  /** The dead letters, newest first. */
  deadLetters: Described[];
  flowControl: Described[];
  faults: FaultPlan;
  /** The log entries, newest first. */
  events: Described[];
}

const SHOWN = 200;

/** Describes the current state of an emulator. */
export function describeState({ state, clock, faults }: Emulator): Snapshot {
  const now = clock.now();
  const { count, next } = clock.waiting();
  const { messages, queues, schedules, topics, dead, flows, events, sending } = state;
  return {
    clock: { now, waiting: count, next },
    counts: {
      messages: messages.size,
      deadLetters: dead.letters.size,
      sending: sending.active,
      waitingToSend: [...sending.waiting].length + sending.held.length,
    },
    messages: [...messages.values()].slice(0, SHOWN).map((message) => ({
      ...describeMessage(message),
      phase: message.phase,
      retried: message.retried,
      cancelRequested: message.cancelRequested,
    })),
    queues: [...queues.values()].slice(0, SHOWN).map(describeQueue),
    schedules: [...schedules.values()].slice(0, SHOWN).map(describeSchedule),
    topics: [...topics.values()].slice(0, SHOWN).map(describeTopic),
    deadLetters: [...dead.letters.values()].slice(-SHOWN).reverse().map(describeDeadLetter),
    flowControl: [...flows.values()].slice(0, SHOWN).map((flow) => describeFlow(flow, now)),
    faults: faults.plan(),
    events: [...newestFirst(events)].slice(0, SHOWN).map(describeEvent),
  };
}
