/**
 * Callbacks: messages that report on a message. The URL in `Upstash-Callback` gets a callback after every attempt.
 * The URL in `Upstash-Failure-Callback` gets a callback when the message is dead. Callbacks are signed, retried and
 * dead-lettered like other messages.
 */

import type { CallbackSettings } from './callback-settings.ts';
import { responseHeaders } from './events.ts';
import { type Message, newMessage } from './message.ts';
import { type PublishRules, readPublication } from './publication.ts';
import type { AttemptResponse } from './response.ts';
import { asShown } from './shown-headers.ts';

/** The message and the response that a callback reports. */
export interface Report {
  message: Message;
  response: AttemptResponse;
  /** The id of the dead letter; present in a failure callback. */
  dlqId?: string;
}

/** Creates the message that reports an attempt. */
export function callbackMessage(
  settings: CallbackSettings,
  report: Report,
  rules: PublishRules,
  messageId: string,
  now: number,
): Message {
  const { message } = report;
  const headers = { ...settings.headers, 'content-type': 'application/json' };
  const body = Buffer.from(JSON.stringify(reportBody(report)));
  const publication = readPublication(settings.url, headers, body, rules, now);
  const { queueName, callerIp } = message;
  const holdsPlaceOf = queueName === undefined ? {} : { holdsPlaceOf: { queueName, messageId: message.messageId } };
  return newMessage(publication, { callerIp, ...holdsPlaceOf }, messageId, now);
}

function reportBody({ message, response, dlqId }: Report): Record<string, unknown> {
  return {
    status: response.status,
    header: responseHeaders(response),
    body: response.body.toString('base64'),
    retried: message.retried,
    maxRetries: message.maxRetries,
    dlqId,
    sourceMessageId: message.messageId,
    topicName: message.topicName,
    endpointName: message.endpointName,
    url: message.url,
    method: message.method,
    sourceHeader: asShown(message.headers),
    sourceBody: message.body.toString('base64'),
    notBefore: message.notBefore,
    createdAt: message.createdAt,
    scheduleId: message.scheduleId,
    callerIP: message.callerIp,
  };
}
