/** Accepts publish requests: reads the requests, finds their endpoints, drops duplicates, and dispatches messages. */
import { deduplicationKey, firstWithKey } from './deduplication.ts';
import { checkedName, parseTarget } from './destination.ts';
import { admit } from './dispatch.ts';
import type { Emulator } from './emulator.ts';
import { newMessage, type Origin } from './message.ts';
import { type Publication, readPublication } from './publication.ts';
import { queueOf } from './queues.ts';
import { RequestError } from './request-error.ts';
import type { PublishRequest } from './schedules.ts';

/** The response for one message. */
export interface Published {
  messageId: string;
  url: string;
  deduplicated?: true;
}

/** A parsed request that is not yet published: a message for the URL, or for each endpoint of the URL group. */
export interface PublishPlan {
  destination: string;
  messages: { publication: Publication; topicName?: string; endpointName?: string | undefined }[];
}

/**
 * Reads a publish request.
 *
 * @throws RequestError if a header is invalid, or the URL group is unknown
 */
export function planPublish({ state, limits, clock }: Emulator, request: PublishRequest): PublishPlan {
  const { destination, settings } = parseTarget(request.tail);
  const headers = { ...settings, ...request.headers };
  const now = clock.now();
  if (destination.kind === 'url') {
    const { url } = destination;
    return { destination: url, messages: [{ publication: readPublication(url, headers, request.body, limits, now) }] };
  }
  const topic = state.topics.get(destination.name);
  if (topic === undefined) throw new RequestError(400, `url group ${destination.name} not found`);
  const messages = topic.endpoints.map(({ name, url }) => ({
    publication: readPublication(url, { ...topic.headers, ...headers }, request.body, limits, now),
    topicName: topic.name,
    endpointName: name,
  }));
  return { destination: topic.name, messages };
}

/**
 * Publishes a request.
 *
 * @returns one response for a URL, or a list with a response for each endpoint of a URL group
 * @throws RequestError if the request is invalid
 */
export function publish(
  emulator: Emulator,
  request: PublishRequest,
  origin: Pick<Origin, 'scheduleId'> = {},
): Published | Published[] {
  const { messages } = planPublish(emulator, request);
  const { queueName, callerIp } = request;
  const { state, clock } = emulator;
  if (queueName !== undefined) queueOf(state.queues, checkedName('queue name', queueName), clock.now());
  const published = messages.map(({ publication, topicName, endpointName }) =>
    publishOne(emulator, publication, { callerIp, queueName, topicName, endpointName, ...origin }),
  );
  const [only] = published;
  return only !== undefined && messages[0]?.topicName === undefined ? only : published;
}

/** Dispatches one message, unless the message is a duplicate. */
export function publishOne(emulator: Emulator, publication: Publication, origin: Origin): Published {
  const { state, clock, ids, limits } = emulator;
  const { url } = publication;
  const messageId = `msg_${ids()}`;
  const key = deduplicationKey(publication, origin.topicName);
  if (key !== undefined) {
    const first = firstWithKey(state.seen, key, messageId, clock.now(), limits.deduplicationWindowMs);
    if (first !== messageId) return { messageId: first, url, deduplicated: true };
  }
  admit(emulator, newMessage(publication, origin, messageId, clock.now()));
  return { messageId, url };
}
