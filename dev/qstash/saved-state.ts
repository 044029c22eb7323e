/**
 * Saves the emulator's state between two starts: undelivered messages, schedules, queues, URL groups, dead letters and
 * deduplication keys. Events are not saved. The emulator repeats an attempt that was interrupted, as the service
 * repeats an attempt without a response.
 */
import { parseCron } from './cron.ts';
import type { SeenKeys } from './deduplication.ts';
import { resume } from './dispatch.ts';
import type { DeadLetters } from './dlq.ts';
import type { Emulator } from './emulator.ts';
import type { Message } from './message.ts';
import { newQueue, type Queue } from './queues.ts';
import type { Schedule } from './schedules.ts';
import { waitForTick } from './ticks.ts';
import type { Topic } from './topics.ts';

/** The saved state, as plain data: maps, buffers and values. */
export interface SavedState {
  messages: Message[];
  queues: Pick<Queue, 'name' | 'parallelism' | 'paused' | 'createdAt' | 'updatedAt'>[];
  topics: Topic[];
  schedules: Omit<Schedule, 'times'>[];
  dead: DeadLetters;
  seen: SeenKeys;
}

/** Returns the state of an emulator to save. */
export function saveState({ state }: Emulator): SavedState {
  return {
    messages: [...state.messages.values()],
    queues: [...state.queues.values()].map(({ name, parallelism, paused, createdAt, updatedAt }) => {
      return { name, parallelism, paused, createdAt, updatedAt };
    }),
    topics: [...state.topics.values()],
    schedules: [...state.schedules.values()].map(({ times: _times, ...schedule }) => schedule),
    dead: state.dead,
    seen: state.seen,
  };
}

/** Loads the saved state into a new emulator. */
export function restoreState(emulator: Emulator, saved: SavedState): void {
  const { state, clock } = emulator;
  for (const queue of saved.queues) state.queues.set(queue.name, { ...newQueue(queue.name, clock.now()), ...queue });
  for (const topic of saved.topics) state.topics.set(topic.name, topic);
  state.dead = saved.dead;
  for (const [key, seen] of saved.seen) state.seen.set(key, seen);
  for (const schedule of saved.schedules) {
    const restored = { ...schedule, times: parseCron(schedule.cron) };
    state.schedules.set(schedule.scheduleId, restored);
    waitForTick(emulator, restored);
  }
  for (const message of saved.messages) resume(emulator, message);
}
