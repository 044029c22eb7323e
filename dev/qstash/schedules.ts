/** The data of schedules. A schedule is a publish request that a cron expression repeats. `ticks.ts` runs schedules. */
import type { CallbackSettings } from './callback-settings.ts';
import type { CronTimes } from './cron.ts';
import { forwardedHeaders } from './forwarding.ts';
import type { Publication } from './publication.ts';
import { type Redaction, shownBody, shownHeaders } from './redaction.ts';

/** The outcome of a message that the last tick published. */
export type TickOutcome = 'IN_PROGRESS' | 'SUCCESS' | 'FAIL';

/** A publish request that is not parsed. Every tick of a schedule parses the request again. */
export interface PublishRequest {
  /** The raw rest of the target: a URL or the name of a URL group, optionally with settings in the query. */
  tail: string;
  headers: Record<string, string>;
  body: Buffer;
  callerIp: string;
  queueName?: string | undefined;
}

/** A schedule. */
export interface Schedule {
  scheduleId: string;
  cron: string;
  times: CronTimes;
  destination: string;
  request: PublishRequest;
  /** The settings of the request, as the API shows them. */
  publication: Publication;
  createdAt: number;
  isPaused: boolean;
  lastScheduleTime?: number;
  nextScheduleTime?: number | undefined;
  lastScheduleStates: Record<string, TickOutcome>;
  /** The reason why the last tick could not publish. */
  error?: string | undefined;
}

/** Records the end of a message that the last tick published. Messages of earlier ticks are ignored. */
export function noteOutcome(schedule: Schedule | undefined, messageId: string, outcome: TickOutcome): void {
  if (schedule !== undefined && Object.hasOwn(schedule.lastScheduleStates, messageId)) {
    schedule.lastScheduleStates[messageId] = outcome;
  }
}

/**
 * Describes a schedule with the fields of the OpenAPI file. The result also has fields that only the official Python
 * SDK reads: the timeout in seconds, the headers of callbacks, and the error of the last tick.
 */
export function describeSchedule(schedule: Schedule): Record<string, unknown> {
  const { publication, request } = schedule;
  const { flowControl, labels, redaction } = publication;
  return {
    scheduleId: schedule.scheduleId,
    cron: schedule.cron,
    destination: schedule.destination,
    createdAt: schedule.createdAt,
    method: publication.method,
    header: shownHeaders(publication.headers, redaction),
    ...shownBody(publication.body, redaction),
    retries: publication.maxRetries,
    delay: publication.delayMs === 0 ? undefined : publication.delayMs / 1_000,
    timeout: publication.requestHeaders['upstash-timeout'] && publication.timeoutMs / 1_000,
    callback: publication.callback?.url,
    callbackHeader: shownCallbackHeaders(publication.callback, redaction),
    failureCallback: publication.failureCallback?.url,
    failureCallbackHeader: shownCallbackHeaders(publication.failureCallback, redaction),
    retryDelayExpression: publication.retryDelayExpression,
    callerIP: request.callerIp,
    callerIp: request.callerIp,
    isPaused: schedule.isPaused,
    queueName: request.queueName,
    flowControlKey: flowControl?.key,
    parallelism: flowControl?.parallelism,
    rate: flowControl?.rate,
    period: flowControl?.rate === undefined ? undefined : flowControl.periodMs / 1_000,
    label: labels[0],
    labels: labels.length > 0 ? labels : undefined,
    lastScheduleTime: schedule.lastScheduleTime,
    nextScheduleTime: schedule.nextScheduleTime,
    lastScheduleStates: schedule.lastScheduleTime === undefined ? undefined : schedule.lastScheduleStates,
    error: schedule.error,
  };
}

/** Returns the headers that the destination of a callback receives; undefined if there are none. */
function shownCallbackHeaders(callback: CallbackSettings | undefined, redaction: Redaction) {
  const forwarded = forwardedHeaders(callback?.headers ?? {});
  return Object.keys(forwarded).length === 0 ? undefined : shownHeaders(forwarded, redaction);
}
