/** The dead-letter queue: list, look up, retry, delete. */
import { type DeadLetter, describeDeadLetter, isAfter } from '../dlq.ts';
import type { Emulator } from '../emulator.ts';
import { readCount, readFilter, valuesOf } from '../filters.ts';
import { readPublication } from '../publication.ts';
import { type Published, publishOne } from '../publish.ts';
import { type ApiAnswer, type ApiRequest, notFound, ok, route } from './router.ts';

const PAGE = 100;

export const dlqRoutes = [
  route('GET', '/v2/dlq', list),
  route('GET', '/v2/dlq/:id', (emulator, _request, id) => ok(describeDeadLetter(existing(emulator, id)))),
  route('DELETE', '/v2/dlq/:id', deleteOne),
  route('DELETE', '/v2/dlq', deleteMany),
  route('POST', '/v2/dlq/retry/:id', (emulator, request, id) =>
    ok(tryAgain(emulator, existing(emulator, id), request), 201),
  ),
  route('POST', '/v2/dlq/retry', retryMany),
];

function existing({ state }: Emulator, dlqId: string): DeadLetter {
  return state.dead.letters.get(dlqId) ?? notFound(`dead letter ${dlqId}`);
}

function list(emulator: Emulator, { query }: ApiRequest): ApiAnswer {
  const { letters, cursor } = select(emulator, query);
  return ok({ messages: letters.map(describeDeadLetter), cursor });
}

function deleteOne(emulator: Emulator, _request: ApiRequest, dlqId: string): ApiAnswer {
  existing(emulator, dlqId);
  emulator.state.dead.letters.delete(dlqId);
  return ok();
}

function deleteMany(emulator: Emulator, { query }: ApiRequest): ApiAnswer {
  const { letters, cursor } = select(emulator, query);
  for (const { dlqId } of letters) emulator.state.dead.letters.delete(dlqId);
  return ok({ deleted: letters.length, cursor });
}

/** Retries several dead letters. If one of the ids is unknown, the request fails and no dead letter is retried. */
function retryMany(emulator: Emulator, request: ApiRequest): ApiAnswer {
  const { letters, cursor = '', missing } = select(emulator, request.query);
  if (missing !== undefined) notFound(`dead letter ${missing}`);
  return ok({ responses: letters.map((letter) => tryAgain(emulator, letter, request)), cursor }, 201);
}

/** Publishes a dead letter as a new message. Headers of this request override headers of the original request. */
function tryAgain(emulator: Emulator, { dlqId, message }: DeadLetter, request: ApiRequest): Published {
  const headers = Object.fromEntries([
    ...Object.entries(message.requestHeaders).filter(([name]) => !ONLY_ONCE.has(name)),
    ...Object.entries(request.headers).filter(([name]) => name.startsWith('upstash-')),
  ]);
  const { callerIp, topicName, endpointName, queueName, scheduleId } = message;
  const origin = { callerIp, topicName, endpointName, queueName, scheduleId };
  const { limits, clock, state } = emulator;
  const publication = readPublication(message.url, headers, message.body, limits, clock.now());
  state.dead.letters.delete(dlqId);
  return publishOne(emulator, publication, origin);
}

/** The settings that apply only to the first publication: its delay, its start time and its deduplication. */
const ONLY_ONCE = new Set([
  'upstash-delay',
  'upstash-not-before',
  'upstash-deduplication-id',
  'upstash-content-based-deduplication',
]);

interface Selection {
  letters: DeadLetter[];
  /** The start of the next page; undefined on the last page. */
  cursor?: string | undefined;
  /** A requested id that does not exist. */
  missing?: string | undefined;
}

/**
 * Selects the dead letters with the given ids. Without ids, selects a page of the dead letters that match the filters,
 * by default oldest first.
 */
function select({ state }: Emulator, query: URLSearchParams): Selection {
  const filter = readFilter(query, 'dlq');
  const count = readCount(query, PAGE);
  const ids = valuesOf(query, 'dlqIds');
  if (ids !== undefined) {
    const asked = [...ids].filter((id) => !id.includes(','));
    const letters = asked.map((id) => state.dead.letters.get(id)).filter((letter) => letter !== undefined);
    return { letters, missing: asked.find((id) => !state.dead.letters.has(id)) };
  }
  const newestFirst = query.get('order') === 'latestFirst';
  const cursor = query.get('cursor') ?? '';
  const all = [...state.dead.letters.values()];
  if (newestFirst) all.reverse();
  const letters: DeadLetter[] = [];
  for (const letter of all) {
    const isPast = newestFirst ? isAfter(cursor, letter.dlqId) : isAfter(letter.dlqId, cursor);
    if (cursor !== '' && !isPast) continue;
    const { message, diedAt, response } = letter;
    if (!filter({ message, time: diedAt, responseStatus: response.status })) continue;
    if (letters.length === count) return { letters, cursor: letters.at(-1)?.dlqId };
    letters.push(letter);
  }
  return { letters };
}
