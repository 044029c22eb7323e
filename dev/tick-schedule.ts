/**
 * The schedule at QStash that calls `POST /schedules/tick` each minute, for deployments without a cron trigger. It has an
 * id of its own, so that it is there once however often it is made, and is brought up to date instead of made again.
 */
import type { Client, CreateScheduleRequest, Schedule } from '@upstash/qstash';

/** The schedule's id, unless told otherwise. */
export const TICK_SCHEDULE_ID = 'holdfast-tick';

/** What is to be done with the schedule. */
export type TickScheduleAction = 'sync' | 'pause' | 'resume' | 'remove';

/** What is asked for. */
export interface TickScheduleOptions {
  action: TickScheduleAction;
  /** Where QStash reaches the app, without a path. */
  deliverTo: string;
  id?: string;
  /** Only says what would be done. */
  dryRun?: boolean;
}

/** What was done, or would be. */
export interface TickScheduleReport {
  done: 'created' | 'updated' | 'paused' | 'resumed' | 'removed' | 'unchanged' | 'missing';
  /** For an update, each setting as it was and as it is now. */
  changes: string[];
  /** Whether it holds back its ticks now. */
  isPaused: boolean;
}

/**
 * A tick is answered when all that it began has ended, which may take a schedule 14 minutes: whoever hangs up before that
 * cuts it off. It is not sent again, because the next one is a minute away and makes up for what was missed.
 */
const TIMEOUT = '15m';
const SHOWN = ['destination', 'cron', 'method', 'retries', 'label'] as const;
type Wanted = CreateScheduleRequest & Pick<Schedule, (typeof SHOWN)[number]>;

/** What the schedule must be. The SDK does not show the timeout of a schedule; its label does. */
function wantedSchedule(deliverTo: string, scheduleId: string): Wanted {
  return {
    scheduleId,
    destination: `${deliverTo}/schedules/tick`,
    cron: '* * * * *',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    retries: 0,
    timeout: TIMEOUT,
    label: `tick-timeout-${TIMEOUT}`,
  };
}

/**
 * Makes the schedule, brings it up to date, pauses, resumes or removes it. Doing it again changes nothing. 1 request to
 * QStash, 2 if there is something to change, 3 to change one that is paused.
 * @throws {QstashError} of the SDK if QStash refuses.
 */
export async function syncTickSchedule(
  { schedules }: Client,
  { action, deliverTo, id = TICK_SCHEDULE_ID, dryRun = false }: TickScheduleOptions,
): Promise<TickScheduleReport> {
  // Asked for by its id, one that is not there would be an error, of which the SDK writes a line.
  const found = (await schedules.list()).find(({ scheduleId }) => scheduleId === id);
  const report = (
    done: TickScheduleReport['done'],
    isPaused: boolean = found?.isPaused ?? false,
    changes: string[] = [],
  ) => ({ done, changes, isPaused });
  if (action === 'sync') {
    const wanted = wantedSchedule(deliverTo, id);
    const changes = found ? differences(found, wanted) : [];
    if (found && changes.length === 0) return report('unchanged');
    if (!dryRun) await schedules.create(wanted);
    // Whether new settings let a paused schedule go is not documented.
    if (!dryRun && found?.isPaused) await schedules.pause({ schedule: id });
    return report(found ? 'updated' : 'created', found?.isPaused, changes);
  }
  if (!found) return report('missing');
  if (action === 'remove') {
    if (!dryRun) await schedules.delete(id);
    return report('removed', false);
  }
  const pausing = action === 'pause';
  if (found.isPaused === pausing) return report('unchanged');
  if (!dryRun) await schedules[action]({ schedule: id });
  return report(pausing ? 'paused' : 'resumed', pausing);
}

function differences(found: Schedule, wanted: Wanted): string[] {
  return SHOWN.filter((name) => found[name] !== wanted[name]).map(
    (name) => `${name}: ${found[name] ?? 'none'} → ${wanted[name]}`,
  );
}
