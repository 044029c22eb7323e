/**
 * A message: what was published, and how it fares. All of it comes from the headers of the publish request; a feature that
 * is not emulated is refused by name, because ignoring it would make a program look right that is not.
 */
import { parseDuration } from './durations.ts';
import { ExpressionError, evaluateRetryDelay } from './expression.ts';

/** A message and its progress. */
export interface Message {
  messageId: string;
  url: string;
  method: string;
  /** Headers of the delivery, lower-case. */
  headers: Record<string, string>;
  body: Buffer;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** When the first attempt is due, in milliseconds since the epoch. */
  notBefore: number;
  maxRetries: number;
  retried: number;
  retryDelayExpression?: string;
  timeoutMs: number;
  label?: string;
  callerIp: string;
}

/** What a publish request asks for, before it is a message. */
export type Publication = Omit<Message, 'messageId' | 'createdAt' | 'retried' | 'callerIp'> & {
  deduplicationId?: string;
  contentBasedDeduplication: boolean;
};

/** A publish request that cannot be accepted; the text is the `{ error }` of the answer. */
export class PublishError extends Error {
  readonly code = 'publish_refused';
  readonly status: 400 | 501;

  constructor(message: string, status: 400 | 501 = 400) {
    super(message);
    this.status = status;
  }
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const DEFAULT_RETRIES = 3;
const MAX_TIMEOUT_MS = 15 * 60 * 1_000;
const NOT_EMULATED = [
  'upstash-callback',
  'upstash-failure-callback',
  'upstash-flow-control-key',
  'upstash-cron',
  'upstash-queue-name',
  'upstash-header-forward',
];

/**
 * Reads a publish request.
 *
 * @param headers names lower-case; query parameters `upstash-*` count as headers
 * @param now milliseconds since the epoch
 * @throws PublishError
 */
export function readPublication(url: string, headers: Record<string, string>, body: Buffer, now: number): Publication {
  const unknown = NOT_EMULATED.find((name) => headers[name] !== undefined);
  if (unknown !== undefined) throw new PublishError(`${unknown} is not emulated yet`, 501);
  const retryDelayExpression = readRetryDelay(headers['upstash-retry-delay']);
  const deduplicationId = headers['upstash-deduplication-id'];
  const label = headers['upstash-label'];
  return {
    url,
    method: readMethod(headers['upstash-method']),
    headers: forwardedHeaders(headers),
    body,
    notBefore: readNotBefore(headers, now),
    maxRetries: readRetries(headers['upstash-retries']),
    timeoutMs: Math.min(readDuration('upstash-timeout', headers['upstash-timeout']) ?? MAX_TIMEOUT_MS, MAX_TIMEOUT_MS),
    contentBasedDeduplication: headers['upstash-content-based-deduplication'] === 'true',
    ...(retryDelayExpression !== undefined && { retryDelayExpression }),
    ...(deduplicationId !== undefined && { deduplicationId }),
    ...(label !== undefined && { label }),
  };
}

function forwardedHeaders(headers: Record<string, string>): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'content-type') forwarded[name] = value;
    if (name.startsWith('upstash-forward-')) forwarded[name.slice('upstash-forward-'.length)] = value;
  }
  return forwarded;
}

function readMethod(value = 'POST'): string {
  const method = value.toUpperCase();
  if (!METHODS.has(method)) throw new PublishError(`invalid upstash-method: ${value}`);
  return method;
}

function readRetries(value: string | undefined): number {
  if (value === undefined) return DEFAULT_RETRIES;
  if (!/^\d+$/.test(value)) throw new PublishError(`invalid upstash-retries: ${value}`);
  return Number(value);
}

/** `Upstash-Not-Before` (unix seconds) wins over `Upstash-Delay`. */
function readNotBefore(headers: Record<string, string>, now: number): number {
  const notBefore = headers['upstash-not-before'];
  if (notBefore === undefined) return now + (readDuration('upstash-delay', headers['upstash-delay']) ?? 0);
  if (!/^\d+$/.test(notBefore)) throw new PublishError(`invalid upstash-not-before: ${notBefore}`);
  return Math.max(now, Number(notBefore) * 1_000);
}

function readDuration(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseDuration(value);
  if (ms === undefined) throw new PublishError(`invalid ${name}: ${value}`);
  return ms;
}

function readRetryDelay(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    evaluateRetryDelay(value, 0);
    return value;
  } catch (error) {
    if (error instanceof ExpressionError) throw new PublishError(`invalid upstash-retry-delay: ${value}`);
    throw error;
  }
}

/** A message as the API shows it. */
export function describeMessage(message: Message): Record<string, unknown> {
  const { headers, body, retried: _retried, callerIp, timeoutMs: _timeoutMs, ...shown } = message;
  const header = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  const text = body.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(body);
  return {
    ...shown,
    header,
    callerIP: callerIp,
    ...(isText ? { body: text } : { bodyBase64: body.toString('base64') }),
  };
}
