/**
 * The connection to Redis. One line carries the commands of all requests, in the order of their arrival. A command does
 * not wait for earlier replies, and replies stay raw RESP2. When the connection is lost, all commands fail at once and
 * the line reconnects. No command waits for the new connection, and no command is sent twice.
 */
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import type { Reply } from './reply.ts';
import type { Command } from './request.ts';

const RAW = { [RESP_TYPES.BLOB_STRING]: Buffer };
const RECONNECT_MS = 50;
/** The time limit for connecting, in ms. A busy machine may need seconds. */
const CONNECT_LIMIT_MS = 30_000;

/** The error of a command that Redis did not accept or answer. The command may have run. */
export class RedisUnavailableError extends Error {
  readonly code = 'redis_unavailable';
}

/** A connection shared by all requests. */
export interface Line {
  /** Sends one command. An error reply of Redis is a value, not an exception. */
  send(command: Command): Promise<Reply>;
  /** Sends commands one after another, and waits for all replies. */
  sendAll(commands: readonly Command[]): Promise<Reply[]>;
  /**
   * Runs commands in MULTI/EXEC. Resolves to their replies, or to the error with which Redis discarded the whole
   * transaction.
   */
  transaction(commands: readonly Command[]): Promise<Reply[] | ErrorReply>;
  close(): void;
}

/** Creates a client for the shared line or for a subscription. */
export function rawClient(
  redisUrl: string,
  reconnectStrategy: (retries: number, cause: Error) => number | false | Error,
) {
  return createClient({
    url: redisUrl,
    RESP: 2,
    socket: { noDelay: true, connectTimeout: CONNECT_LIMIT_MS, reconnectStrategy },
    disableOfflineQueue: true,
    // Turns off CLIENT SETINFO, which js-redis-server and old Redis servers do not know.
    disableClientInfo: true,
    // The line has a time limit of its own; the client's would cost a signal for each command.
    commandOptions: { typeMapping: RAW, timeout: 0 },
  });
}

/**
 * Connects to Redis. The first attempt to connect must succeed. A connection that is lost later is reopened, with no
 * limit of attempts.
 *
 * @param replyTimeLimitMs the time after which a command without a reply fails
 * @throws the connection error if Redis cannot be reached now
 */
export async function openLine(redisUrl: string, replyTimeLimitMs: number): Promise<Line> {
  let connected = false;
  const client = rawClient(redisUrl, (_retries, cause) => (connected ? RECONNECT_MS : cause));
  // Without a listener, an 'error' event would end the process. The event can be ignored, because the commands in
  // flight reject with the same error.
  client.on('error', () => {});
  await client.connect();
  connected = true;

  const attempt = (command: Command): Promise<Reply> =>
    (client.sendCommand(command) as Promise<Reply>).catch((error: unknown) => {
      if (error instanceof ErrorReply) return error;
      const cause = error instanceof Error ? error.message : String(error);
      throw new RedisUnavailableError(`Redis is not available: ${cause}`, { cause: error });
    });

  return {
    send: (command) => within(replyTimeLimitMs, attempt(command)),
    // One timer for all, because each costs as much as a command.
    sendAll: (commands) => within(replyTimeLimitMs, Promise.all(commands.map(attempt))),

    async transaction(commands) {
      // All commands are written in one turn, so no other request's command comes between MULTI and EXEC.
      const steps = [['MULTI'] satisfies Command, ...commands, ['EXEC'] satisfies Command].map(attempt);
      const replies = await within(replyTimeLimitMs, Promise.all(steps));
      const outcome = replies.at(-1);
      if (Array.isArray(outcome)) return outcome;
      const cause = replies.slice(0, -1).find((reply) => reply instanceof ErrorReply);
      const reason = cause instanceof ErrorReply ? cause.message : 'previous errors';
      return new ErrorReply(`EXECABORT Transaction discarded because of: ${reason}`);
    },

    close: () => client.destroy(),
  };
}

/** Waits for a reply, and rejects after the time limit. If the reply comes later, it is dropped. */
async function within<T>(limitMs: number, reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RedisUnavailableError(`Redis did not answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([reply, expired]);
  } finally {
    clearTimeout(timer);
  }
}
