/** The API's schemas of jobs, queues and schedules, for administrators. */
import { z } from '@hono/zod-openapi';
import { idSchema, momentSchema, wholeNumberParameter } from '../../http/index.ts';
import { ATTEMPT_OUTCOMES } from '../attempts.ts';
import { STATES } from '../keys.ts';
import type { JobRecord } from '../record.ts';
import type { ScheduleStatus } from '../schedule-status.ts';
import type { Cursor } from './job-index.ts';

export const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9.-]{0,63}$/, 'must be a name, such as crm.warm')
  .openapi({ example: 'outbox.drain' });

export const jobSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z.enum(STATES),
    generation: z.number().int(),
    attempt: z.number().int().openapi({ description: 'Started runs of the current slice.' }),
    errors: z.number().int(),
    crashes: z.number().int().openapi({ description: 'Runs that crashed.' }),
    slice: z.number().int(),
    enqueuedAt: momentSchema.nullable(),
    dueAt: momentSchema.nullable(),
    updatedAt: momentSchema,
    retryAt: momentSchema.nullable(),
    reason: z.string().nullable().openapi({ description: 'Why the job failed, is dead or was cancelled.' }),
    errorMessage: z.string().nullable().openapi({
      description: 'The error message of the last attempt, with possible values removed; at most 500 characters.',
    }),
    duplicateOf: z.string().nullable(),
    progress: z.unknown(),
    result: z.unknown().openapi({ description: 'The result; for a sensitive job only `(sealed)`.' }),
  })
  .openapi('Job');

export const jobDetailSchema = jobSchema
  .extend({
    pastAttempts: z
      .array(
        z.object({
          slice: z.number().int(),
          number: z.number().int(),
          startedAt: momentSchema,
          endedAt: momentSchema.openapi({ description: 'For a crash, the time when the lease expired.' }),
          outcome: z.enum(ATTEMPT_OUTCOMES).openapi({ description: '`crashed`: the run never reported its end.' }),
          reason: z.string().nullable(),
        }),
      )
      .openapi({ description: 'The last 20 ended runs, oldest first.' }),
  })
  .openapi('JobDetail');

export const jobsQuerySchema = z.strictObject({
  name: nameSchema.optional(),
  state: z.enum(STATES).optional(),
  from: momentSchema.optional().openapi({ description: 'Jobs whose state changed at this time or later.' }),
  to: momentSchema.optional().openapi({ description: 'Jobs whose state changed before this time.' }),
  limit: wholeNumberParameter({ from: 1, to: 100, otherwise: 25 }),
  cursor: z
    .string()
    .regex(/^\d{1,15}_[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be the nextCursor of a page')
    .optional()
    .openapi({ description: 'The `nextCursor` of the previous page.' }),
});

export const jobParamsSchema = z.object({ id: idSchema });
export const nameParamsSchema = z.object({ name: z.string().max(64).openapi({ example: 'outbox.drain' }) });

const count = z.number().int();
export const queueSchema = z
  .object({
    name: z.string(),
    jobs: z.array(z.string()),
    concurrency: count.nullable().openapi({ description: 'The most parallel runs per priority; null for no limit.' }),
    paused: z.boolean().nullable().openapi({
      description: 'Whether the queue is paused, for all tenants; null if QStash did not answer.',
    }),
    counts: z.object(Object.fromEntries(STATES.map((state) => [state, count])) as Record<State, typeof count>),
    lastHour: z.object({ done: count, dead: count }),
  })
  .openapi('JobQueue');
type State = (typeof STATES)[number];

export const scheduleSchema = z
  .object({
    name: z.string(),
    cron: z.string().openapi({ example: '30 4 * * *' }),
    tz: z.string(),
    running: z
      .object({ tick: momentSchema, attempt: count, startedAt: momentSchema, leaseUntil: momentSchema })
      .nullable(),
    last: z
      .object({
        tick: momentSchema,
        endedAt: momentSchema,
        outcome: z.enum(['ok', 'failed', 'timeout', 'crashed']),
        ms: z.number().nullable(),
        detail: z.string().nullable().openapi({ description: 'The result, or the reason for the failure.' }),
      })
      .nullable(),
    nextTick: momentSchema.nullable(),
    paused: z
      .object({ at: momentSchema, by: z.string() })
      .nullable()
      .openapi({ description: 'Since when the schedule is paused, and the id of the caller.' }),
    counts: z.object({ ok: count, failed: count, timeout: count, crashed: count, skipped: count, missed: count }),
  })
  .openapi('Schedule');

/** Converts a record to the API's job without past attempts, for lists. */
export function toJob({ pastAttempts: _, ...record }: JobRecord): z.input<typeof jobSchema> {
  const { enqueuedAt, dueAt, updatedAt, retryAt, progress = null, result = null } = record;
  return {
    ...record,
    enqueuedAt: toMoment(enqueuedAt),
    dueAt: toMoment(dueAt),
    updatedAt: new Date(updatedAt).toISOString(),
    retryAt: toMoment(retryAt),
    progress,
    result,
  };
}

/** Converts a record to the API's job with its past attempts. */
export function toJobDetail(record: JobRecord): z.input<typeof jobDetailSchema> {
  const pastAttempts = record.pastAttempts.map(({ startedAt, endedAt, ...rest }) => ({
    ...rest,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
  }));
  return { ...toJob(record), pastAttempts };
}

/** Converts the status of a schedule to the API's schedule. */
export function toSchedule({
  running,
  last,
  nextTick,
  paused,
  resumedAt: _,
  ...rest
}: ScheduleStatus): z.input<typeof scheduleSchema> {
  const moment = (ms: number) => new Date(ms).toISOString();
  return {
    ...rest,
    running: running && {
      tick: moment(running.tick),
      attempt: running.attempt,
      startedAt: moment(running.startedAt),
      leaseUntil: moment(running.leaseUntil),
    },
    last: last && { ...last, tick: moment(last.tick), endedAt: moment(last.endedAt) },
    nextTick: toMoment(nextTick),
    paused: paused && { ...paused, at: moment(paused.at) },
  };
}

/** Returns the text of a cursor for the API; `null` if there is no cursor. */
export function formatCursor(cursor: Cursor | null): string | null {
  return cursor && `${cursor.at}_${cursor.id}`;
}

/** Reads a cursor that {@link formatCursor} wrote. The request's schema has already checked the form of the text. */
export function parseCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [at, ...id] = text.split('_');
  return { at: Number(at), id: id.join('_') };
}

function toMoment(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
