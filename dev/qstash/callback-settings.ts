/**
 * Reads the callback settings of a publish request: a URL, and the settings of the callback message. The headers of
 * these settings begin with `Upstash-Callback-` or `Upstash-Failure-Callback-`; the headers of other messages begin
 * with `Upstash-`.
 */
import { checkedUrl } from './destination.ts';
import { RequestError } from './request-error.ts';

/** The destination of a callback, and the publish headers of its message. */
export interface CallbackSettings {
  url: string;
  headers: Record<string, string>;
}

/** The settings that a callback ignores: a callback has no callbacks, creates no schedule, and joins no queue. */
const NOT_FOR_CALLBACKS = /^upstash-(callback|failure-callback|cron|queue-name|schedule-id|deduplication-id)(-|$)/;
const DELAYS = ['delay', 'not-before'];

/**
 * Reads the settings of one callback; undefined if the request has no callback.
 *
 * @param maxRetries the number of retries of the message, which is the default for the callback
 * @throws RequestError if the URL is invalid, or if a delay is requested but not allowed
 */
export function readCallbackSettings(
  header: 'upstash-callback' | 'upstash-failure-callback',
  headers: Record<string, string>,
  maxRetries: number,
  delayAllowed: boolean,
): CallbackSettings | undefined {
  const url = headers[header];
  if (url === undefined) return undefined;
  const own: Record<string, string> = { 'upstash-retries': String(maxRetries) };
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(`${header}-`)) continue;
    const setting = name.slice(header.length + 1);
    if (DELAYS.includes(setting) && !delayAllowed) {
      throw new RequestError(400, `${name} is not supported: a callback cannot be delayed`);
    }
    if (!NOT_FOR_CALLBACKS.test(`upstash-${setting}`)) own[`upstash-${setting}`] = value;
  }
  return { url: checkedUrl(url), headers: own };
}
