/** Describes messages as `GET /v2/messages/{id}` shows them, redacted. */
import type { Message } from './message.ts';
import { shownBody, shownHeaders } from './redaction.ts';

/** Returns the fields with which the API shows a message. A dead letter has these fields too. */
export function describeMessage(message: Message): Record<string, unknown> {
  const { flowControl, labels, callerIp } = message;
  return {
    messageId: message.messageId,
    url: message.url,
    topicName: message.topicName,
    endpointName: message.endpointName,
    method: message.method,
    header: shownHeaders(message.headers, message.redaction),
    ...shownBody(message.body, message.redaction),
    maxRetries: message.maxRetries,
    retryDelayExpression: message.retryDelayExpression,
    notBefore: message.notBefore,
    createdAt: message.createdAt,
    callback: message.callback?.url,
    failureCallback: message.failureCallback?.url,
    queueName: message.queueName,
    scheduleId: message.scheduleId,
    // The OpenAPI file and the SDK's types spell this field differently.
    callerIP: callerIp,
    callerIp,
    label: labels[0],
    labels: labels.length > 0 ? labels : undefined,
    flowControlKey: flowControl?.key,
    parallelism: flowControl?.parallelism,
    rate: flowControl?.rate,
    period: flowControl?.rate === undefined ? undefined : flowControl.periodMs / 1_000,
  };
}
