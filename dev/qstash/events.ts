/**
 * The log: one entry for every state of a message. An entry refers to its message, and is formatted when it is
 * requested. The emulator keeps the newest ten thousand entries, as the service does.
 */

import type { Message } from './message.ts';
import { loggedBody, shownHeaders } from './redaction.ts';
import type { AttemptResponse } from './response.ts';
import { asShown, type ShownHeaders } from './shown-headers.ts';

/** The states of a log entry. */
export type EventState =
  | 'CREATED'
  | 'ACTIVE'
  | 'DELIVERED'
  | 'ERROR'
  | 'RETRY'
  | 'FAILED'
  | 'CANCEL_REQUESTED'
  | 'CANCELLED';

/** One entry. */
export interface LogEvent {
  /** The number of the entry. Numbers ascend without gaps. A listing uses the number as its cursor. */
  sequence: number;
  time: number;
  state: EventState;
  message: Message;
  nextDeliveryTime?: number;
  response?: AttemptResponse;
}

/** The log's newest entries, oldest first. */
export interface EventLog {
  entries: LogEvent[];
  next: number;
  limit: number;
}

/** Creates an empty log that keeps `limit` entries. */
export function eventLog(limit: number): EventLog {
  return { entries: [], next: 1, limit };
}

/** Records that a message has entered a state. */
export function record(
  log: EventLog,
  state: EventState,
  message: Message,
  time: number,
  more: Pick<LogEvent, 'nextDeliveryTime' | 'response'> = {},
): void {
  log.entries.push({ sequence: log.next++, time, state, message, ...more });
  // The log is cut only when it has twice the limit. So the average cost of an entry stays constant.
  if (log.entries.length >= log.limit * 2) log.entries = log.entries.slice(-log.limit);
}

/** Yields the kept entries before the cursor, newest first. */
export function* newestFirst(log: EventLog, before = Number.POSITIVE_INFINITY): Generator<LogEvent> {
  const oldest = Math.max(0, log.entries.length - log.limit);
  for (let at = log.entries.length - 1; at >= oldest; at--) {
    const event = log.entries[at];
    if (event !== undefined && event.sequence < before) yield event;
  }
}

/** Describes an entry with the fields of the API. */
export function describeEvent({ time, state, message, nextDeliveryTime, response }: LogEvent): Record<string, unknown> {
  const { callback, failureCallback, labels, redaction, flowControl } = message;
  return {
    time,
    state,
    messageId: message.messageId,
    url: message.url,
    method: message.method,
    header: shownHeaders(message.headers, redaction),
    body: loggedBody(message.body, redaction),
    maxRetries: message.maxRetries,
    retryDelayExpression: message.retryDelayExpression,
    timeout: message.timeoutMs,
    topicName: message.topicName,
    endpointName: message.endpointName,
    queueName: message.queueName,
    scheduleId: message.scheduleId,
    callerIP: message.callerIp,
    flowControlKey: flowControl?.key,
    callback: callback?.url,
    callbackHeaders: callback && asShown(callback.headers),
    failureCallback: failureCallback?.url,
    failureCallbackHeaders: failureCallback && asShown(failureCallback.headers),
    label: labels[0],
    labels: labels.length > 0 ? labels : undefined,
    nextDeliveryTime,
    ...(response && {
      error: response.error ?? `status code ${response.status}`,
      responseStatus: response.status,
      responseHeaders: responseHeaders(response),
      responseBody: response.body.toString('base64'),
    }),
  };
}

/** Returns the headers of a response in the form that QStash shows. */
export function responseHeaders({ headers }: AttemptResponse): ShownHeaders {
  return asShown(Object.fromEntries(headers));
}
