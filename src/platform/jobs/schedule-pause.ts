/**
 * Pausing schedules. Ticks of a paused schedule are not run, and not made up for after the pause. A run that has begun
 * goes on, and an operator may run the schedule by hand. The pause is kept with the schedule's state in Redis.
 */
import { isOneOf, script } from '../redis/index.ts';
import { JobError } from './errors.ts';
import type { ScriptServices } from './lua.ts';
import type { Schedule } from './schedule.ts';
import { scheduleKey } from './schedule-claim.ts';

/**
 * Pauses a schedule; a paused one stays paused since the first time. 1 request, 2 commands.
 * @param by the id of the user or key.
 * @throws {JobError} `JOB_SCHEDULE_NOT_PAUSABLE` if each trigger runs the schedule, because no run of it is claimed.
 */
export async function pauseSchedule(services: ScriptServices, schedule: Schedule, by: string): Promise<void> {
  const { redis, system } = pausable(services, schedule);
  const state = scheduleKey(schedule);
  await Promise.all([
    redis.exec(['HSETNX', state, 'pausedAt', system.now()]),
    redis.exec(['HSETNX', state, 'pausedBy', by]),
  ]);
}

const resumeScript = script<'resumed' | 'unpaused'>(
  'schedules.resume',
  `
-- Ends the pause of a schedule.
-- KEYS[1] state of the schedule
-- ARGV[1] now, in ms since the epoch  ARGV[2] the latest tick, or ''
-- Returns 'resumed', or 'unpaused' if there was no pause; then nothing changes.
-- Keeps: no tick that was due during the pause runs later, even if no trigger came during the pause.
local state, now, latest = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HDEL', state, 'pausedAt', 'pausedBy') == 0 then return 'unpaused' end
redis.call('HSET', state, 'resumedAt', now)
local seen = tonumber(redis.call('HGET', state, 'seen') or 0)
if latest ~= '' and tonumber(latest) > seen then redis.call('HSET', state, 'seen', latest) end
redis.call('HDEL', state, 'queued')
return 'resumed'
`,
  { isReply: isOneOf('resumed', 'unpaused') },
);

/**
 * Resumes a schedule; one without a pause does not change. Its next tick runs again. 1 request, 1 command.
 * @throws {JobError} `JOB_SCHEDULE_NOT_PAUSABLE`
 */
export async function resumeSchedule(services: ScriptServices, schedule: Schedule): Promise<void> {
  const { redis, system } = pausable(services, schedule);
  const state = scheduleKey(schedule);
  const now = system.now();
  await resumeScript.call(redis, [state], [now, schedule.latest(now) ?? '']);
}

function pausable(services: ScriptServices, { name, exclusive }: Schedule): ScriptServices {
  if (exclusive) return services;
  throw new JobError('JOB_SCHEDULE_NOT_PAUSABLE', `Schedule ${name} cannot be paused, because each trigger runs it`);
}
