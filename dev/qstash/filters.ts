/**
 * The filters of listings and bulk actions. A filter with several values (the parameter repeated, or one list with commas)
 * matches any of them; several filters must all match.
 */
import type { Message } from './message.ts';
import { RequestError } from './request-error.ts';

/** The input of filters, in addition to the message. */
export interface Filtered {
  message: Message;
  /** The time for `fromDate` and `toDate`: of creation, of death, or of the log entry. */
  time: number;
  responseStatus?: number | undefined;
  state?: string | undefined;
}

/** Whether an item passes. */
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

/** `IN_PROGRESS` is not a state of its own. */
const IN_PROGRESS = new Set(['ACTIVE', 'RETRY', 'ERROR']);

/** The listings with filters; bulk deletes and retries use the filters of the listing. */
type Listing = 'messages' | 'dlq' | 'events';

const NOT_FOR: Record<Listing, string[]> = {
  messages: ['responseStatus', 'state'],
  dlq: ['host', 'path', 'state'],
  events: ['responseStatus'],
};

/** Parameters that are not filters. */
const BESIDES: Record<Listing, string[]> = {
  messages: ['count', 'async'],
  dlq: ['dlqIds', 'count', 'cursor', 'order'],
  events: ['count', 'cursor'],
};

/**
 * Reads the filters of a query.
 *
 * @throws RequestError if one is invalid, or the listing does not support the filter: ignoring a misspelt filter
 * would cancel or delete more than intended
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

/** The values of a parameter; undefined if it is missing. A URL may itself contain a comma, so the whole counts too. */
export function valuesOf(query: URLSearchParams, name: string): Set<string> | undefined {
  const given = query.getAll(name);
  if (given.length === 0) return undefined;
  return new Set([...given, ...given.flatMap((value) => value.split(','))]);
}

/**
 * The `count` of a listing.
 *
 * @throws RequestError
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
