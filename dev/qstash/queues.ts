/**
 * Queues: first in, first out. A message gets one of the queue's slots (one by default) at its first attempt. It keeps
 * the slot through its retries, until the message and its callbacks are delivered or dead. So later messages wait for a
 * message that fails.
 */
import { type Fifo, fifo } from './fifo.ts';
import { isDone, type Message } from './message.ts';

/** The state of one queue. */
export interface Queue {
  name: string;
  parallelism: number;
  paused: boolean;
  createdAt: number;
  updatedAt: number;
  /** The messages that wait for a slot. */
  waiting: Fifo<Message>;
  /** The messages that already have a slot and are due again, but wait because the queue is paused. */
  resuming: Fifo<Message>;
  /**
   * The slots in use, by message id. The value is the number of unfinished messages that share the slot: the message
   * and its callbacks.
   */
  places: Map<string, number>;
}

/** Returns the queue with this name. If the queue does not exist, creates it. */
export function queueOf(queues: Map<string, Queue>, name: string, now: number): Queue {
  const queue = queues.get(name) ?? newQueue(name, now);
  queues.set(name, queue);
  return queue;
}

/** Creates a queue. */
export function newQueue(name: string, now: number): Queue {
  return {
    name,
    parallelism: 1,
    paused: false,
    createdAt: now,
    updatedAt: now,
    waiting: fifo(isDone),
    resuming: fifo(isDone),
    places: new Map(),
  };
}

/** Adds a due message to the queue. If the message already has a slot, it does not wait for a second slot. */
export function joinQueue(queue: Queue, message: Message): void {
  (queue.places.has(message.messageId) ? queue.resuming : queue.waiting).push(message);
}

/** Removes the next message that may start now, and gives the message a slot. */
export function takeFromQueue(queue: Queue): Message | undefined {
  if (queue.paused) return undefined;
  const resumed = queue.resuming.shift();
  if (resumed !== undefined) return resumed;
  if (queue.places.size >= queue.parallelism) return undefined;
  const message = queue.waiting.shift();
  if (message !== undefined) queue.places.set(message.messageId, 1);
  return message;
}

/** Notes that one more unfinished message shares a slot. */
export function sharePlace(queue: Queue, messageId: string): void {
  const holders = queue.places.get(messageId);
  if (holders !== undefined) queue.places.set(messageId, holders + 1);
}

/**
 * Notes that a message which shares a slot has finished. When the last of these messages has finished, the slot becomes
 * free.
 */
export function leavePlace(queue: Queue, messageId: string): void {
  const holders = queue.places.get(messageId);
  if (holders === undefined) return;
  if (holders > 1) queue.places.set(messageId, holders - 1);
  else queue.places.delete(messageId);
}

/** Describes a queue with the fields of the API. */
export function describeQueue(queue: Queue): Record<string, unknown> {
  const { name, createdAt, updatedAt, parallelism, paused } = queue;
  return { name, createdAt, updatedAt, parallelism, paused, lag: [...queue.waiting].length + queue.places.size };
}
