/**
 * Runs schedules. Each schedule has one timer, for its next tick. A tick publishes the request again; if the
 * destination is a URL group, it publishes to the group's current endpoints. A paused schedule skips its ticks and does
 * not catch up later.
 */
import { parseCron } from './cron.ts';
import { checkedName, parseTarget } from './destination.ts';
import type { Emulator } from './emulator.ts';
import { planPublish, publish } from './publish.ts';
import { RequestError } from './request-error.ts';
import type { PublishRequest, Schedule } from './schedules.ts';

/**
 * Headers that the messages of a schedule do not get: settings of the schedule itself, and settings with which only the
 * first tick could publish.
 */
const NOT_FOR_MESSAGES = new Set([
  'upstash-cron',
  'upstash-schedule-id',
  'upstash-queue-name',
  'upstash-not-before',
  'upstash-deduplication-id',
  'upstash-content-based-deduplication',
]);

/**
 * Creates a schedule, or updates the schedule with the same `Upstash-Schedule-Id`. A paused schedule stays paused.
 *
 * @throws RequestError if the request is invalid, or the account has too many schedules
 */
export function putSchedule(emulator: Emulator, request: PublishRequest): Schedule {
  const { state, clock, limits, ids } = emulator;
  const settings = { ...parseTarget(request.tail).settings, ...request.headers };
  const cron = settings['upstash-cron'] ?? '';
  const times = parseCron(cron);
  const scheduleId = checkedName('schedule id', settings['upstash-schedule-id'] ?? `scd_${ids()}`);
  const queueName = settings['upstash-queue-name'] ?? request.queueName;
  if (queueName !== undefined) checkedName('queue name', queueName);
  const headers = Object.fromEntries(Object.entries(settings).filter(([name]) => !NOT_FOR_MESSAGES.has(name)));
  const repeated = { ...request, tail: withoutSettings(request.tail), headers, queueName };
  const { destination, messages } = planPublish(emulator, repeated);
  const [first] = messages;
  if (first === undefined) throw new RequestError(400, `url group ${destination} has no endpoints`);
  const known = state.schedules.get(scheduleId);
  if (known === undefined && state.schedules.size >= limits.schedules) {
    throw new RequestError(412, `no more than ${limits.schedules} schedules`);
  }
  const schedule: Schedule = {
    lastScheduleStates: {},
    ...known,
    scheduleId,
    cron,
    times,
    destination,
    request: repeated,
    publication: first.publication,
    createdAt: known?.createdAt ?? clock.now(),
    isPaused: known?.isPaused ?? false,
    error: undefined,
  };
  state.schedules.set(scheduleId, schedule);
  waitForTick(emulator, schedule);
  return schedule;
}

/** Returns the target without the settings in its query. The headers already contain these settings. */
function withoutSettings(tail: string): string {
  const { destination } = parseTarget(tail);
  return destination.kind === 'url' ? destination.url : destination.name;
}

/** Sets the timer for the next tick of a schedule. */
export function waitForTick(emulator: Emulator, schedule: Schedule): void {
  const { clock, state } = emulator;
  const due = schedule.times.next(clock.now());
  schedule.nextScheduleTime = due;
  if (due === undefined) return;
  clock.at(due, () => {
    // If the schedule was deleted or replaced, this timer is obsolete. A schedule that replaced it has its own timer.
    if (state.schedules.get(schedule.scheduleId) !== schedule) return;
    if (!schedule.isPaused) tick(emulator, schedule);
    waitForTick(emulator, schedule);
  });
}

function tick(emulator: Emulator, schedule: Schedule): void {
  const { scheduleId, request } = schedule;
  schedule.lastScheduleTime = emulator.clock.now();
  schedule.lastScheduleStates = {};
  schedule.error = undefined;
  try {
    for (const { messageId } of [publish(emulator, request, { scheduleId })].flat()) {
      schedule.lastScheduleStates[messageId] = 'IN_PROGRESS';
    }
  } catch (error) {
    // A refusal is expected, for example because the schedule's URL group was deleted.
    if (!(error instanceof RequestError)) throw error;
    schedule.error = error.message;
    emulator.log(`schedule ${scheduleId} could not publish: ${error.message}`);
  }
}
