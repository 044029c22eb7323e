/**
 * The schedule at QStash that calls `POST /schedules/tick` each minute, for deployments without a cron trigger. The
 * schedule has a fixed id. So a second call updates the schedule and does not create another one.
 */
import type { Client, CreateScheduleRequest, Schedule } from '@upstash/qstash';

/** The default id of the schedule. */
export const TICK_SCHEDULE_ID = 'holdfast-tick';

/** The action on the schedule. */
export type TickScheduleAction = 'sync' | 'pause' | 'resume' | 'remove';

/** The requested action and settings. */
export interface TickScheduleOptions {
  action: TickScheduleAction;
  /** The URL of the app for QStash, without a path. */
  deliverTo: string;
  id?: string;
  /** Returns the changes without making them; default false. */
  dryRun?: boolean;
}

/** The action that was taken; with `dryRun`, the action that would be taken. */
export interface TickScheduleReport {
  done: 'created' | 'updated' | 'paused' | 'resumed' | 'removed' | 'unchanged' | 'missing';
  /** The old and new value of each setting that an update changes. */
  changes: string[];
  /** True if the schedule is paused now. */
  isPaused: boolean;
}

/**
 * The time limit of a tick's delivery. The app answers a tick when all its runs have ended, after up to 14 minutes; a
 * connection closed earlier would interrupt the runs. QStash does not retry a tick: the next tick, a minute later,
 * catches up.
 */
const TIMEOUT = '15m';
const SHOWN = ['destination', 'cron', 'method', 'retries', 'label'] as const;
type Wanted = CreateScheduleRequest & Pick<Schedule, (typeof SHOWN)[number]>;

/**
 * Returns the required settings. The SDK does not return the timeout of an existing schedule, so the label contains the
 * timeout too.
 */
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
 * Creates, updates, pauses, resumes or removes the schedule. A repeated action changes nothing. Costs 1 request to
 * QStash; 2 requests for a change; 3 requests to change a paused schedule.
 * @throws {QstashError} of the SDK if QStash refuses.
 */
export async function syncTickSchedule(
  { schedules }: Client,
  { action, deliverTo, id = TICK_SCHEDULE_ID, dryRun = false }: TickScheduleOptions,
): Promise<TickScheduleReport> {
  // The list is read, because reading a missing schedule by its id would be an error, which the SDK logs.
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
    // QStash's documentation does not say whether new settings resume a paused schedule.
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
