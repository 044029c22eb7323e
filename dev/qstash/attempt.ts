/**
 * Makes an attempt to deliver a message: one signed HTTP request. If the destination cannot be reached, the status is
 * 0.
 */
import type { Emulator } from './emulator.ts';
import type { Message } from './message.ts';
import type { AttemptResponse } from './response.ts';
import { signDelivery } from './signature.ts';

const AN_HOUR_MS = 3_600_000;
const NO_BODY = Buffer.alloc(0);

/** Sends a message once, or twice at the same time if the fault `duplicateDelivery` happens. */
export async function attempt(emulator: Emulator, message: Message): Promise<AttemptResponse> {
  const sending = [send(emulator, message)];
  if (emulator.faults.happens('duplicateDelivery', message.url)) sending.push(send(emulator, message));
  const [response = noAnswer('not sent')] = await Promise.all(sending);
  return emulator.faults.happens('dropResponse', message.url) ? noAnswer('the answer was lost') : response;
}

/** Returns the result for a destination that did not respond. */
export function noAnswer(error: string): AttemptResponse {
  return { status: 0, headers: new Headers(), body: Buffer.from(error), error };
}

async function send(emulator: Emulator, message: Message): Promise<AttemptResponse> {
  const body = message.method === 'GET' ? NO_BODY : message.body;
  const stop = new AbortController();
  const cancelTimer = emulator.timer(message.timeoutMs, () => stop.abort(timedOut(message)));
  emulator.open.add(stop);
  try {
    const response = await emulator.fetch(message.url, {
      method: message.method,
      redirect: 'manual',
      signal: stop.signal,
      headers: deliveryHeaders(emulator, message, body),
      ...(body !== NO_BODY && { body: new Uint8Array(body) }),
    });
    const answered = Buffer.from(await response.arrayBuffer());
    return {
      status: response.status,
      headers: response.headers,
      body: answered.subarray(0, emulator.limits.maxResponseBytes),
    };
  } catch (error) {
    return noAnswer(reason(error));
  } finally {
    cancelTimer();
    emulator.open.delete(stop);
  }
}

function deliveryHeaders(emulator: Emulator, message: Message, body: Buffer): Record<string, string> {
  const { state, clock, faults, ids, region } = emulator;
  const skew = faults.happens('clockSkew', message.url);
  return {
    ...message.headers,
    'user-agent': 'Upstash-QStash',
    'upstash-message-id': message.messageId,
    'upstash-retried': String(message.retried),
    'upstash-signature': signDelivery({
      key: state.keys.current,
      url: message.url,
      body,
      now: clock.now() + (skew === undefined ? 0 : (skew.ms ?? AN_HOUR_MS)),
      id: ids(),
    }),
    'upstash-region': region,
    'upstash-caller-ip': message.callerIp,
    ...(message.scheduleId !== undefined && { 'upstash-schedule-id': message.scheduleId }),
    ...(message.topicName !== undefined && { 'upstash-topic-name': message.topicName }),
  };
}

/** Returns the error of an attempt that exceeded its time limit. */
export function timedOut({ timeoutMs }: Message): Error {
  return new Error(`timed out after ${timeoutMs / 1_000} s`);
}

/** Returns the reason of a failed request. undici stores the reason in the cause of the error. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
