/**
 * Pub/sub over server-sent events. Each request has its own connection to Redis, which ends with the request. If the
 * connection to Redis is lost, the stream ends too, so that no subscriber waits for messages that cannot come.
 */
import type { ServerResponse } from 'node:http';
import type { InterceptMessage } from './intercept.ts';
import { RedisUnavailableError, rawClient } from './line.ts';
import type { RestRequest } from './request.ts';

/** A parsed request for a subscription. */
export type SubscribeRequest = Extract<RestRequest, { kind: 'subscribe' }>;

/**
 * Streams messages until the client or Redis disconnects. Resolves when all names are subscribed.
 *
 * @param passes decides whether a message is sent
 * @throws RedisUnavailableError if Redis cannot be reached, before any output
 */
export async function streamSubscription(
  redisUrl: string,
  request: SubscribeRequest,
  response: ServerResponse,
  passes: InterceptMessage = () => true,
): Promise<void> {
  const client = rawClient(redisUrl, () => false);
  client.on('error', () => {
    if (response.headersSent) response.end();
  });
  await client.connect().catch((cause: Error) => {
    throw new RedisUnavailableError(`Redis is not available: ${cause.message}`, { cause });
  });
  response.once('close', () => client.destroy());
  if (response.destroyed) return client.destroy();

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const emit = (...fields: (string | number | Buffer)[]): void => {
    const lines = fields.map(String).join(',').split('\n');
    response.write(`${lines.map((line) => `data: ${line}\n`).join('')}\n`);
  };
  for (const [index, name] of request.names.entries()) {
    if (request.mode === 'channels') {
      await client.subscribe(
        name,
        (message, channel) => passes(String(channel), String(message)) && emit('message', channel, message),
        true,
      );
      emit('subscribe', name, index + 1);
    } else {
      await client.pSubscribe(
        name,
        (message, channel) => passes(String(channel), String(message)) && emit('pmessage', name, channel, message),
        true,
      );
      emit('psubscribe', name, index + 1);
    }
  }
}
