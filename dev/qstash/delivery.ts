/**
 * Delivers messages: one attempt is a signed HTTP request, and what follows it is decided by the retry rules. Messages are
 * independent of each other, so they go out in parallel and in no particular order.
 */
import type { Clock } from './clock.ts';
import type { Message } from './message.ts';
import { nextStep } from './retry-rules.ts';
import { type SigningKeys, signDelivery } from './signature.ts';
import type { MessageStore } from './store.ts';

/** What delivering needs. */
export interface DeliveryContext {
  store: MessageStore;
  clock: Clock;
  keys: SigningKeys;
  region: string;
  ids: () => string;
  fetch: typeof fetch;
  log: (line: string) => void;
}

interface Attempt {
  status: number;
  headers: Headers;
  body: Buffer;
}

/** Takes a message over: it is attempted when it is due, and again until it is delivered, dead or cancelled. */
export function schedule(context: DeliveryContext, message: Message, due = message.notBefore): void {
  context.clock.at(due, async () => {
    // Deleting a message is how it is cancelled.
    if (context.store.live.get(message.messageId) !== message) return;
    conclude(context, message, await attempt(context, message));
  });
}

function conclude(context: DeliveryContext, message: Message, response: Attempt): void {
  const { store, clock, log } = context;
  const step = nextStep(response, message, clock.now());
  const outcome = `${message.url} answered ${response.status === 0 ? 'nothing' : response.status}`;
  if (step.kind === 'retry') {
    message.retried += 1;
    log(`${outcome}, retry ${message.retried} of ${message.maxRetries} in ${Math.ceil(step.delayMs / 1_000)} s`);
    schedule(context, message, clock.now() + step.delayMs);
    return;
  }
  store.live.delete(message.messageId);
  if (step.kind === 'delivered') return;
  const dlqId = `${clock.now()}-${store.dead.size}`;
  log(`${outcome}, moved to the dead-letter queue as ${dlqId}`);
  store.dead.set(dlqId, {
    dlqId,
    message,
    responseStatus: response.status,
    responseHeaders: Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]])),
    responseBody: response.body,
  });
}

/** Sends the message once. A destination that cannot be reached is an answer with status 0. */
async function attempt(context: DeliveryContext, message: Message): Promise<Attempt> {
  const { keys, clock, region, ids } = context;
  const hasBody = message.method !== 'GET';
  const body = hasBody ? message.body : Buffer.alloc(0);
  const signature = await signDelivery({ key: keys.current, url: message.url, body, now: clock.now(), id: ids() });
  try {
    const response = await context.fetch(message.url, {
      method: message.method,
      redirect: 'manual',
      signal: AbortSignal.timeout(message.timeoutMs),
      headers: {
        ...message.headers,
        'user-agent': 'Upstash-QStash',
        'upstash-message-id': message.messageId,
        'upstash-retried': String(message.retried),
        'upstash-signature': signature,
        'upstash-region': region,
        'upstash-caller-ip': message.callerIp,
      },
      ...(hasBody && { body: new Uint8Array(body) }),
    });
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  } catch (error) {
    return { status: 0, headers: new Headers(), body: Buffer.from(String(error)) };
  }
}
