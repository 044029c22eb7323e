/**
 * The path of a message: due → its queue → its flow-control key → a free slot for sending → the attempt → the next
 * step. Each step passes the message on at once, or lets the message wait until a slot is free.
 */
import { attempt, noAnswer, timedOut } from './attempt.ts';
import type { CallbackSettings } from './callback-settings.ts';
import { callbackMessage, type Report } from './callbacks.ts';
import { deadLetter } from './dlq.ts';
import { becomeDue } from './due.ts';
import type { Emulator } from './emulator.ts';
import { record } from './events.ts';
import { applySettings, type Flow, flowOf, nextPeriodFor, takeFromWaitlist } from './flow-control.ts';
import type { Message } from './message.ts';
import { joinQueue, leavePlace, type Queue, queueOf, sharePlace, takeFromQueue } from './queues.ts';
import type { AttemptResponse } from './response.ts';
import { nextStep } from './retry-rules.ts';
import { noteOutcome } from './schedules.ts';

const A_SECOND_MS = 1_000;

/**
 * Accepts a new message. When the message is due, attempts its delivery until the message is delivered, dead or
 * cancelled.
 */
export function admit(emulator: Emulator, message: Message): void {
  record(emulator.state.events, 'CREATED', message, emulator.clock.now(), { nextDeliveryTime: message.notBefore });
  resume(emulator, message);
}

/**
 * Continues with a new message, or with a message of an emulator that was closed. An interrupted attempt is repeated.
 */
export function resume(emulator: Emulator, message: Message): void {
  const { state, clock } = emulator;
  const now = clock.now();
  state.messages.set(message.messageId, message);
  if (message.flowControl !== undefined) {
    const flow = flowOf(state.flows, message.flowControl.key, now);
    applySettings(flow, message.flowControl);
    pumpFlow(emulator, flow);
  }
  dispatchAt(emulator, message, message.notBefore);
}

/**
 * Cancels a message. If the message waits in a queue or waitlist, it ends at once; otherwise it ends at its next due
 * time.
 */
export function cancel(emulator: Emulator, message: Message): void {
  message.cancelRequested = true;
  record(emulator.state.events, 'CANCEL_REQUESTED', message, emulator.clock.now());
  if (message.phase === 'queued' || message.phase === 'waitlisted') finish(emulator, message, 'CANCELLED');
}

function dispatchAt(emulator: Emulator, message: Message, due: number): void {
  emulator.clock.at(due, () => becomeDue(emulator, message, (each) => dispatch(emulator, each)));
}

function dispatch(emulator: Emulator, message: Message): void {
  if (message.cancelRequested) {
    if (message.phase !== 'done') finish(emulator, message, 'CANCELLED');
  } else if (message.queueName === undefined) {
    passFlow(emulator, message);
  } else {
    message.phase = 'queued';
    const queue = queueOf(emulator.state.queues, message.queueName, emulator.clock.now());
    joinQueue(queue, message);
    pumpQueue(emulator, queue);
  }
}

/** Releases messages while the queue has free slots. */
export function pumpQueue(emulator: Emulator, queue: Queue): void {
  for (let next = takeFromQueue(queue); next !== undefined; next = takeFromQueue(queue)) passFlow(emulator, next);
}

function passFlow(emulator: Emulator, message: Message): void {
  if (message.flowControl === undefined) {
    passOn(emulator, message);
    return;
  }
  const { flows } = emulator.state;
  const wasForgotten = !flows.has(message.flowControl.key);
  const flow = flowOf(flows, message.flowControl.key, emulator.clock.now());
  if (wasForgotten) applySettings(flow, message.flowControl);
  message.phase = 'waitlisted';
  flow.waitlist.push(message);
  pumpFlow(emulator, flow);
}

/**
 * Releases the messages that the limits of the key allow. At the start of the next period, releases further messages.
 */
export function pumpFlow(emulator: Emulator, flow: Flow): void {
  const { clock } = emulator;
  const now = clock.now();
  for (let next = takeFromWaitlist(flow, now); next !== undefined; next = takeFromWaitlist(flow, now)) {
    passOn(emulator, next);
  }
  const wakeAt = nextPeriodFor(flow);
  if (wakeAt === undefined || wakeAt === flow.wakeAt) return;
  flow.wakeAt = wakeAt;
  clock.at(wakeAt, () => {
    if (flow.wakeAt === wakeAt) flow.wakeAt = undefined;
    pumpFlow(emulator, flow);
  });
}

function passOn(emulator: Emulator, message: Message): void {
  message.phase = 'sending';
  emulator.state.sending.waiting.push(message);
  pumpSending(emulator);
}

function pumpSending(emulator: Emulator): void {
  const { sending } = emulator.state;
  while (sending.active < emulator.limits.parallelism) {
    const message = sending.waiting.shift();
    if (message === undefined) return;
    if (sending.heldOrigin !== undefined && new URL(message.url).origin === sending.heldOrigin) {
      sending.held.push(message);
      continue;
    }
    sending.active += 1;
    emulator.clock.start(() => send(emulator, message));
  }
}

/** Holds back messages to this origin, until {@link release}. */
export function hold(emulator: Emulator, origin: string): void {
  emulator.state.sending.heldOrigin = origin;
}

/** Sends the messages that {@link hold} held back. */
export function release(emulator: Emulator): void {
  const { sending } = emulator.state;
  sending.heldOrigin = undefined;
  for (const message of sending.held.splice(0)) sending.waiting.push(message);
  pumpSending(emulator);
}

async function send(emulator: Emulator, message: Message): Promise<void> {
  const { state, clock, faults } = emulator;
  if (message.cancelRequested) {
    conclude(emulator, message, undefined);
    return;
  }
  record(state.events, 'ACTIVE', message, clock.now());
  const response = await attempt(emulator, message);
  const slow = faults.happens('slowResponse', message.url);
  if (slow === undefined) {
    conclude(emulator, message, response);
    return;
  }
  const tookMs = Math.min(slow.ms ?? A_SECOND_MS, message.timeoutMs);
  const arrived = tookMs < message.timeoutMs ? response : noAnswer(timedOut(message).message);
  clock.at(clock.now() + tookMs, () => conclude(emulator, message, arrived));
}

/**
 * Frees the slots of the attempt and takes the next step. `response` is undefined if the message was cancelled before
 * it was sent.
 */
function conclude(emulator: Emulator, message: Message, response: AttemptResponse | undefined): void {
  const { state, clock } = emulator;
  const flow = message.flowControl && flowOf(state.flows, message.flowControl.key, clock.now());
  state.sending.active -= 1;
  if (flow !== undefined) flow.active -= 1;
  if (response === undefined) finish(emulator, message, 'CANCELLED');
  else follow(emulator, message, response);
  if (flow !== undefined) pumpFlow(emulator, flow);
  pumpSending(emulator);
}

function follow(emulator: Emulator, message: Message, response: AttemptResponse): void {
  const step = nextStep(response, message, emulator.clock.now());
  if (step.kind === 'delivered') succeed(emulator, message, response);
  else if (step.kind === 'retry') retryIn(emulator, message, response, step.delayMs);
  else fail(emulator, message, response);
}

function succeed(emulator: Emulator, message: Message, response: AttemptResponse): void {
  const again = emulator.faults.happens('deliveryAfterSuccess', message.url);
  if (again !== undefined) {
    retryAt(emulator, message, emulator.clock.now() + (again.ms ?? 0));
    return;
  }
  callBack(emulator, message.callback, { message, response });
  finish(emulator, message, 'DELIVERED');
}

function retryIn(emulator: Emulator, message: Message, response: AttemptResponse, delayMs: number): void {
  const { state, clock, log } = emulator;
  const now = clock.now();
  const nextDeliveryTime = now + delayMs;
  record(state.events, 'ERROR', message, now, { response, nextDeliveryTime });
  callBack(emulator, message.callback, { message, response });
  message.retried += 1;
  record(state.events, 'RETRY', message, now, { nextDeliveryTime });
  const retry = `retry ${message.retried} of ${message.maxRetries} in ${Math.ceil(delayMs / 1_000)} s`;
  log(`${message.url} answered ${statusText(response)}, ${retry}`);
  retryAt(emulator, message, nextDeliveryTime);
}

function fail(emulator: Emulator, message: Message, response: AttemptResponse): void {
  const { state, clock, log } = emulator;
  record(state.events, 'ERROR', message, clock.now(), { response });
  const dlqId = deadLetter(state.dead, message, response, clock.now());
  log(`${message.url} answered ${statusText(response)}, moved to the dead-letter queue as ${dlqId}`);
  callBack(emulator, message.callback, { message, response });
  callBack(emulator, message.failureCallback, { message, response, dlqId });
  finish(emulator, message, 'FAILED');
}

function statusText({ status }: AttemptResponse): string {
  return status === 0 ? 'nothing' : String(status);
}

function retryAt(emulator: Emulator, message: Message, due: number): void {
  message.phase = 'retrying';
  dispatchAt(emulator, message, due);
}

function callBack(emulator: Emulator, settings: CallbackSettings | undefined, report: Report): void {
  if (settings === undefined) return;
  const { limits, ids, clock, state } = emulator;
  const message = callbackMessage(settings, report, limits, `msg_${ids()}`, clock.now());
  const { holdsPlaceOf } = message;
  const queue = holdsPlaceOf && state.queues.get(holdsPlaceOf.queueName);
  if (holdsPlaceOf !== undefined && queue !== undefined) sharePlace(queue, holdsPlaceOf.messageId);
  admit(emulator, message);
}

/** Ends a message in any phase, and frees the slot of the message in its queue. */
function finish(emulator: Emulator, message: Message, end: 'DELIVERED' | 'FAILED' | 'CANCELLED'): void {
  const { state, clock } = emulator;
  message.phase = 'done';
  state.messages.delete(message.messageId);
  record(state.events, end, message, clock.now());
  const schedule = message.scheduleId === undefined ? undefined : state.schedules.get(message.scheduleId);
  noteOutcome(schedule, message.messageId, end === 'DELIVERED' ? 'SUCCESS' : 'FAIL');
  const { queueName, messageId } = message;
  const place = message.holdsPlaceOf ?? (queueName === undefined ? undefined : { queueName, messageId });
  const queue = place && state.queues.get(place.queueName);
  if (place === undefined || queue === undefined) return;
  leavePlace(queue, place.messageId);
  pumpQueue(emulator, queue);
}
