/**
 * The filters of listings and bulk actions. A filter with several values (a repeated parameter, or a list with
 * commas) matches any of the values; an item must match every filter.
 */
import type { Message } from './message.ts';
import { RequestError } from './request-error.ts';

/** The input of a filter: the message and further values. */
export interface Filtered {
  message: Message;
  /** The time that `fromDate` and `toDate` limit: of the message's creation, of its death, or of the log entry. */
  time: number;
  responseStatus?: number | undefined;
  state?: string | undefined;
}

/** Returns true if an item matches. */
export type Filter = (candidate: Filtered) => boolean;

type Property = (candidate: Filtered) => readonly (string | undefined)[];

const PROPERTIES: Record<string, Property> = {
  messageId: ({ message }) => [message.messageId],
  messageIds: ({ message }) => [message.messageId],
  url: ({ message }) => [message.url],
  host: ({ message }) => [new URL(message.url).host],
  path: ({ message }) => [new URL(message.url).pathname],
  topicName: ({ message }) => [message.topicName],
  queueName: ({ message }) => [message.queueName],
  scheduleId: ({ message }) => [message.scheduleId],
  flowControlKey: ({ message }) => [message.flowControl?.key],
  callerIp: ({ message }) => [message.callerIp],
  callerIP: ({ message }) => [message.callerIp],
  label: ({ message }) => message.labels,
  responseStatus: ({ responseStatus }) => [responseStatus === undefined ? undefined : String(responseStatus)],
  state: ({ state = '' }) => [state, ...(IN_PROGRESS.has(state) ? ['IN_PROGRESS'] : [])],
};

/** The states that the filter value `IN_PROGRESS` matches. No log entry has the state `IN_PROGRESS` itself. */
const IN_PROGRESS = new Set(['ACTIVE', 'RETRY', 'ERROR']);

/** The listings that have filters. Bulk deletes and bulk retries use the filters of their listing. */
type Listing = 'messages' | 'dlq' | 'events';

const NOT_FOR: Record<Listing, string[]> = {
  messages: ['responseStatus', 'state'],
  dlq: ['host', 'path', 'state'],
  events: ['responseStatus'],
};

/** The parameters of each listing that are not filters. */
const BESIDES: Record<Listing, string[]> = {
  messages: ['count', 'async'],
  dlq: ['dlqIds', 'count', 'cursor', 'order'],
  events: ['count', 'cursor'],
};

/**
 * Reads the filters of a query.
 *
 * @throws RequestError if a filter is invalid or not a filter of this listing. If a misspelt filter were ignored, the
 * request would cancel or delete more than intended
 */
export function readFilter(query: URLSearchParams, listing: Listing): Filter {
  const filters = [...Object.keys(PROPERTIES).filter((name) => !NOT_FOR[listing].includes(name)), 'fromDate', 'toDate'];
  const allowed = [...filters, ...BESIDES[listing], 'qstash_token'];
  const unknown = [...query.keys()].find((name) => !allowed.includes(name));
  if (unknown !== undefined) {
    throw new RequestError(400, `${unknown} is not a filter of this list; its filters are ${filters.join(', ')}`);
  }
  const tests: Filter[] = [];
  for (const [name, property] of Object.entries(PROPERTIES)) {
    const wanted = valuesOf(query, name);
    if (wanted === undefined) continue;
    // The SDK's types spell the state with one L.
    if (name === 'state' && wanted.has('CANCELED')) wanted.add('CANCELLED');
    tests.push((candidate) => property(candidate).some((value) => value !== undefined && wanted.has(value)));
  }
  const from = readTime(query, 'fromDate');
  const to = readTime(query, 'toDate');
  if (from !== undefined) tests.push(({ time }) => time >= from);
  if (to !== undefined) tests.push(({ time }) => time <= to);
  return (candidate) => tests.every((test) => test(candidate));
}

/**
 * Returns the values of a parameter, which commas separate. The result also contains each whole text, because a URL may
 * contain a comma. Returns undefined if the parameter is missing.
 */
export function valuesOf(query: URLSearchParams, name: string): Set<string> | undefined {
  const given = query.getAll(name);
  if (given.length === 0) return undefined;
  return new Set([...given, ...given.flatMap((value) => value.split(','))]);
}

/**
 * Reads the `count` of a listing. The default and the maximum are `most`.
 *
 * @throws RequestError if the count is invalid
 */
export function readCount(query: URLSearchParams, most: number): number {
  const text = query.get('count');
  if (text === null) return most;
  if (!/^[1-9]\d*$/.test(text)) throw new RequestError(400, `invalid count: ${text}`);
  return Math.min(Number(text), most);
}

function readTime(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw new RequestError(400, `invalid ${name}: ${text}`);
  return Number(text);
}
