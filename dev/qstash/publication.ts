/**
 * Reads the settings of a publish request from its headers. Single messages, messages for a queue, items of a batch,
 * schedules, callbacks and retries from the dead-letter queue all have these headers, and all use this reader.
 */
import { type CallbackSettings, readCallbackSettings } from './callback-settings.ts';
import { parseDuration } from './durations.ts';
import { ExpressionError, evaluateRetryDelay } from './expression.ts';
import { type FlowSettings, readFlowSettings } from './flow-settings.ts';
import { forwardedHeaders } from './forwarding.ts';
import { type Redaction, readRedaction } from './redaction.ts';
import { RequestError } from './request-error.ts';
import { refuseWorkflow } from './workflows.ts';

/** The settings of a publish request. */
export interface Publication {
  url: string;
  method: string;
  /** The headers of the delivery, with lower-case names. */
  headers: Record<string, string>;
  body: Buffer;
  /**
   * The original headers. A retry from the dead-letter queue reads them again, together with the headers of the retry,
   * which override them.
   */
  requestHeaders: Record<string, string>;
  delayMs: number;
  /** The time of the first attempt, in ms since the epoch. If this time is set, the delay is ignored. */
  notBefore: number | undefined;
  maxRetries: number;
  retryDelayExpression: string | undefined;
  timeoutMs: number;
  labels: string[];
  flowControl: FlowSettings | undefined;
  callback: CallbackSettings | undefined;
  failureCallback: CallbackSettings | undefined;
  redaction: Redaction;
}

/** The limits of an account for publishing. */
export interface PublishRules {
  /** The longest delay before a delivery. */
  maxDelayMs: number;
  /** The longest duration of a delivery. */
  maxTimeoutMs: number;
  /**
   * True if a callback may have a delay. Since March 2025 the service refuses such a delay, but its documentation still
   * describes it.
   */
  delayedCallbacks: boolean;
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const DEFAULT_RETRIES = 3;

/**
 * Reads a publish request.
 *
 * @param headers the headers, with lower-case names, and the query parameters `upstash-*`
 * @param now the time in ms since the epoch
 * @throws RequestError for an invalid header, a delay beyond the limit, or a step of a workflow
 */
export function readPublication(
  url: string,
  headers: Record<string, string>,
  body: Buffer,
  rules: PublishRules,
  now: number,
): Publication {
  refuseWorkflow(headers);
  const delayMs = readDuration('upstash-delay', headers['upstash-delay']) ?? 0;
  const notBefore = readNotBefore(headers['upstash-not-before']);
  checkDelay(notBefore === undefined ? delayMs : notBefore - now, rules);
  const maxRetries = readRetries(headers['upstash-retries']);
  return {
    url,
    method: readMethod(headers['upstash-method']),
    headers: forwardedHeaders(headers),
    body,
    requestHeaders: headers,
    delayMs,
    notBefore,
    maxRetries,
    retryDelayExpression: readRetryDelay(headers['upstash-retry-delay']),
    timeoutMs: Math.min(
      readDuration('upstash-timeout', headers['upstash-timeout']) ?? rules.maxTimeoutMs,
      rules.maxTimeoutMs,
    ),
    labels: readLabels(headers['upstash-label']),
    flowControl: readFlowSettings(headers['upstash-flow-control-key'], headers['upstash-flow-control-value']),
    callback: readCallback('upstash-callback', headers, maxRetries, rules, now),
    failureCallback: readCallback('upstash-failure-callback', headers, maxRetries, rules, now),
    redaction: readRedaction(headers['upstash-redact-fields']),
  };
}

/** Reads the settings of a callback, and checks them as settings of a message, because a callback is a message. */
function readCallback(
  header: 'upstash-callback' | 'upstash-failure-callback',
  headers: Record<string, string>,
  maxRetries: number,
  rules: PublishRules,
  now: number,
): CallbackSettings | undefined {
  const settings = readCallbackSettings(header, headers, maxRetries, rules.delayedCallbacks);
  if (settings !== undefined) readPublication(settings.url, settings.headers, Buffer.alloc(0), rules, now);
  return settings;
}

/** Refuses a delay beyond the limit, with the error text of the service. The text gives the limit in seconds. */
function checkDelay(delayMs: number, { maxDelayMs }: PublishRules): void {
  if (delayMs <= maxDelayMs) return;
  throw new RequestError(412, `quota maxDelay exceeded, current limit: ${Math.floor(maxDelayMs / 1_000)}`);
}

function readMethod(value = 'POST'): string {
  const method = value.toUpperCase();
  if (!METHODS.has(method)) throw new RequestError(400, `invalid upstash-method: ${value}`);
  return method;
}

function readRetries(value: string | undefined): number {
  if (value === undefined) return DEFAULT_RETRIES;
  if (!/^\d+$/.test(value)) throw new RequestError(400, `invalid upstash-retries: ${value}`);
  return Number(value);
}

function readNotBefore(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new RequestError(400, `invalid upstash-not-before: ${value}`);
  return Number(value) * 1_000;
}

function readDuration(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseDuration(value);
  if (ms === undefined) throw new RequestError(400, `invalid ${name}: ${value}`);
  return ms;
}

function readRetryDelay(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    evaluateRetryDelay(value, 0);
    return value;
  } catch (error) {
    if (error instanceof ExpressionError) throw new RequestError(400, `invalid upstash-retry-delay: ${value}`);
    throw error;
  }
}

function readLabels(value = ''): string[] {
  return value
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '');
}
