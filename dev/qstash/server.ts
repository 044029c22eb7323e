/**
 * The QStash emulator: the part of QStash's HTTP API that publishes, delivers, retries and buries messages. Written from the
 * public documentation and the SDK; the unmodified @upstash/qstash works against it. Not emulated yet: queues, schedules,
 * URL groups, flow control, callbacks and events; asking for one is answered with 400, 404 or 501 and its name.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bearerToken, isToken } from '../bearer.ts';
import { readBody, sendJson, startHttpServer } from '../http-server.ts';
import { type Clock, runningClock } from './clock.ts';
import type { DeliveryContext } from './delivery.ts';
import { handleRequest } from './routes.ts';
import type { SigningKeys } from './signature.ts';
import { MessageStore } from './store.ts';

/** Options of {@link startQstash}. */
export interface QstashOptions {
  /** 0 (the default) for any free port. */
  port?: number;
  token: string;
  keys: SigningKeys;
  /** Default: a clock that runs. */
  clock?: Clock;
  ids?: () => string;
  /** Sends the deliveries; default the global `fetch`. */
  fetch?: typeof fetch;
  /** How long a deduplication id is remembered; default ten minutes. */
  deduplicationWindowMs?: number;
  /** Told of retries and dead letters in plain words. */
  log?: (line: string) => void;
}

/** A running emulator. */
export interface Qstash {
  url: string;
  port: number;
  token: string;
  clock: Clock;
  close(): Promise<void>;
}

/**
 * Starts the emulator.
 *
 * @throws the error of `listen`, e.g. with code `EADDRINUSE`
 */
export async function startQstash(options: QstashOptions): Promise<Qstash> {
  const clock = options.clock ?? runningClock();
  const context: DeliveryContext = {
    store: new MessageStore(options.deduplicationWindowMs ?? 10 * 60 * 1_000),
    clock,
    keys: { ...options.keys },
    region: 'EU-CENTRAL-1',
    ids: options.ids ?? randomUUID,
    fetch: options.fetch ?? fetch,
    log: options.log ?? (() => {}),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    if (!isToken(bearerToken(request) ?? queryToken(target), options.token)) {
      return sendJson(response, 401, { error: 'unauthorized: invalid token' });
    }
    const { status, body } = await handleRequest(context, {
      method: request.method ?? 'GET',
      target,
      headers: joinHeaders(request),
      body: await readBody(request),
      callerIp: request.socket.remoteAddress ?? '',
    });
    sendJson(response, status, body);
  }

  const server = await startHttpServer(options.port ?? 0, handle);
  return {
    url: server.url,
    port: server.port,
    token: options.token,
    clock,
    async close() {
      clock.stop();
      await server.close();
    },
  };
}

/** QStash takes the token from the query too, for webhooks of others that cannot send a header. */
function queryToken(target: string): string | undefined {
  return /[?&]qstash_token=([^&]*)/.exec(target)?.[1];
}

function joinHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
