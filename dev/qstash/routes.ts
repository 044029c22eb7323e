/**
 * The routes of QStash's HTTP API, as a table of method, path and handler. A destination is part of the path and must stay
 * raw, so paths are matched by prefix on the raw target rather than by a router that would normalise them.
 */
import type { DeliveryContext } from './delivery.ts';
import { schedule } from './delivery.ts';
import { parseDestination } from './destination.ts';
import { describeMessage, type Message, PublishError, readPublication } from './message.ts';
import type { DeadLetter } from './store.ts';

/** A request, authenticated and read. */
export interface ApiRequest {
  method: string;
  /** The raw request target. */
  target: string;
  headers: Record<string, string>;
  body: Buffer;
  callerIp: string;
}

/** The answer to a request. */
export interface ApiAnswer {
  status: number;
  body: unknown;
}

type Handler = (context: DeliveryContext, request: ApiRequest, rest: string) => ApiAnswer | Promise<ApiAnswer>;

/** A path that ends in `/` takes the rest of the target as its argument. */
const ROUTES: [method: string, path: string, handler: Handler][] = [
  ['POST', '/v2/publish/', publish],
  ['POST', '/v2/batch', publishBatch],
  ['GET', '/v2/messages/', getMessage],
  ['DELETE', '/v2/messages/', cancelMessage],
  ['GET', '/v2/dlq', listDeadLetters],
  ['GET', '/v2/keys', ({ keys }) => ok(keys)],
  ['POST', '/v2/keys/rotate', rotateKeys],
  ['POST', '/dev/advance', advance],
];

/** Answers one request of the API. */
export async function handleRequest(context: DeliveryContext, request: ApiRequest): Promise<ApiAnswer> {
  const path = request.target.split('?', 1)[0] ?? '';
  for (const [method, route, handler] of ROUTES) {
    if (method !== request.method) continue;
    const matches = route.endsWith('/') ? request.target.startsWith(route) : path === route;
    if (!matches) continue;
    try {
      return await handler(context, request, request.target.slice(route.length));
    } catch (error) {
      if (error instanceof PublishError) return failure(error.status, error.message);
      throw error;
    }
  }
  return failure(404, `not found, or not emulated yet: ${request.method} ${path}`);
}

function publish(context: DeliveryContext, request: ApiRequest, tail: string): ApiAnswer {
  return accept(context, tail, request.headers, request.body, request.callerIp);
}

/** Each item stands for itself: a bad one is answered with `{ error }` in its place. */
function publishBatch(context: DeliveryContext, request: ApiRequest): ApiAnswer {
  const items = parseArray(request.body);
  if (items === undefined) return failure(400, 'expected a JSON array of messages');
  const answers = items.map((item) => {
    try {
      if (typeof item.destination !== 'string') throw new PublishError('missing destination');
      const headers = Object.entries(item.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
      const body = Buffer.from(item.body ?? '');
      return accept(context, item.destination, Object.fromEntries(headers), body, request.callerIp).body;
    } catch (error) {
      if (error instanceof PublishError) return { error: error.message };
      throw error;
    }
  });
  return ok(answers);
}

function accept(
  context: DeliveryContext,
  tail: string,
  headers: Record<string, string>,
  body: Buffer,
  callerIp: string,
): ApiAnswer {
  const { store, clock, ids } = context;
  const now = clock.now();
  const { url, settings } = parseDestination(tail);
  const publication = readPublication(url, { ...settings, ...headers }, body, now);
  const messageId = `msg_${ids()}`;
  const accepted = store.deduplicate(publication, messageId, now);
  if (accepted !== messageId) return { status: 202, body: { messageId: accepted, url, deduplicated: true } };

  const { deduplicationId: _id, contentBasedDeduplication: _content, ...settled } = publication;
  const message: Message = { ...settled, messageId, createdAt: now, retried: 0, callerIp };
  store.live.set(messageId, message);
  schedule(context, message);
  return { status: 201, body: { messageId, url } };
}

function getMessage({ store }: DeliveryContext, _request: ApiRequest, messageId: string): ApiAnswer {
  const message = store.live.get(messageId);
  return message === undefined ? failure(404, `message ${messageId} not found`) : ok(describeMessage(message));
}

function cancelMessage({ store }: DeliveryContext, _request: ApiRequest, messageId: string): ApiAnswer {
  return store.live.delete(messageId) ? ok({}) : failure(404, `message ${messageId} not found`);
}

function listDeadLetters({ store }: DeliveryContext): ApiAnswer {
  return ok({ messages: [...store.dead.values()].map(describeDeadLetter) });
}

function describeDeadLetter({ dlqId, message, responseStatus, responseHeaders, responseBody }: DeadLetter) {
  return {
    ...describeMessage(message),
    dlqId,
    responseStatus,
    responseHeader: responseHeaders,
    responseBody: responseBody.toString('utf8'),
  };
}

function rotateKeys({ keys, ids }: DeliveryContext): ApiAnswer {
  keys.current = keys.next;
  keys.next = `sig_${ids().replaceAll('-', '')}`;
  return ok(keys);
}

/** Not QStash's: moves the emulator's clock, and answers when everything that fell due has been attempted. */
async function advance({ clock }: DeliveryContext, request: ApiRequest): Promise<ApiAnswer> {
  const ms = Number(new URL(request.target, 'http://qstash').searchParams.get('ms') ?? '0');
  if (!Number.isFinite(ms) || ms < 0) return failure(400, 'ms must be a number of milliseconds');
  await clock.advance(ms);
  return ok({ now: clock.now() });
}

interface BatchItem {
  destination?: unknown;
  headers?: Record<string, string>;
  body?: string;
}

function parseArray(body: Buffer): BatchItem[] | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function ok(body: unknown): ApiAnswer {
  return { status: 200, body };
}

function failure(status: number, error: string): ApiAnswer {
  return { status, body: { error } };
}
