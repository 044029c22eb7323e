/**
 * The only way to Redis: a `Requester` for @upstash/redis. It joins all commands of one turn of the event loop into one
 * POST `/pipeline`, also commands of different modules. So a gate's session read, its limits and the route's cached reads cost
 * one round trip. The MGETs of a turn become one command (`join.ts`).
 *
 * A transport belongs to one scope (one request): on workerd neither a socket nor a promise may outlive the request
 * that made it. The breaker outlives the request; it holds only numbers.
 */
import { callNames, isRead } from './commands.ts';
import { asRedisError, commandError, RedisError } from './errors.ts';
import { type Command, joinReads, type Reply } from './join.ts';
import { refusalIn } from './refusal-notes.ts';
import { hasShapeOf } from './replies.ts';
import type { Transport, TransportOptions, TransportRequest } from './transport.ts';

interface Waiting {
  command: Command;
  settle(reply: Reply): void;
  fail(error: RedisError): void;
}

/** Creates the transport of one scope. */
export function createTransport(options: TransportOptions): Transport {
  const { url, token, meter, breaker, now, timeout = 300, coalesce = 'all', onRefused } = options;
  const send = options.fetch ?? fetch;
  const base = url.replace(/\/+$/, '');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  let queue: Waiting[] = [];

  /** Adds a command to the batch of this turn. The first command schedules the flush at the end of the turn. */
  function enqueue(command: Command): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (queue.length === 0) endOfTurn(flush);
      queue.push({ command, settle: resolve, fail: reject });
    });
  }

  function flush(): void {
    if (coalesce === 'all' || !queue.every(onlyReads)) options.onPipeline?.();
    const batch = queue;
    queue = [];
    if (coalesce === 'all') void deliver(batch);
    else {
      for (const part of [batch.filter(onlyReads), batch.filter((waiting) => !onlyReads(waiting))]) {
        if (part.length > 0) void deliver(part);
      }
    }
  }

  /**
   * Sends a batch and gives each command its reply. If Redis was unavailable and time is left, sends the reads once
   * more.
   */
  async function deliver(batch: Waiting[]): Promise<void> {
    const deadline = now() + timeout;
    try {
      settle(batch, await pipeline(batch, deadline));
    } catch (error) {
      const failure = asRedisError(error);
      const reads = failure.code === 'REDIS_UNAVAILABLE' && now() < deadline ? batch.filter(onlyReads) : [];
      for (const waiting of batch) if (!reads.includes(waiting)) waiting.fail(failure);
      if (reads.length === 0) return;
      try {
        settle(reads, await pipeline(reads, deadline));
      } catch (second) {
        for (const waiting of reads) waiting.fail(asRedisError(second));
      }
    }
  }

  /** Sends a batch as one pipeline. Returns one reply for each command. */
  async function pipeline(batch: readonly Waiting[], deadline: number): Promise<Reply[]> {
    const joined = joinReads(batch.map(({ command }) => command));
    const replies = joined.split(await post('/pipeline', joined.commands, deadline));
    for (const [index, { error }] of replies.entries()) if (error !== undefined) noteRefusal(batch[index], error);
    return replies;
  }

  function noteRefusal(waiting: Waiting | undefined, error: string): void {
    if (!onRefused || !waiting) return;
    const refused = refusalIn(commandError(nameOf(waiting.command), error));
    if (refused) onRefused(refused);
  }

  /** Sends one HTTP request. Returns one reply for each command, or throws a {@link RedisError}. */
  async function post(path: string, commands: readonly Command[], deadline: number): Promise<Reply[]> {
    if (!breaker.allows()) {
      throw new RedisError('REDIS_BREAKER_OPEN', 'Redis failed repeatedly a moment ago; not asking it again yet');
    }
    const body = JSON.stringify(commands);
    const started = now();
    meter.requests += 1;
    meter.commands += commands.length;
    meter.bytesOut += body.length;
    let bytesIn = 0;
    let code: string | null = null;
    // AbortSignal.timeout() cannot be cancelled, so each request would raise an unused error long after its answer.
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), Math.max(1, deadline - started));
    try {
      const response = await send(base + path, {
        method: 'POST',
        headers,
        body,
        signal: limit.signal,
        ...(path === '/pipeline' ? { commands: commands.length } : {}),
      });
      const text = await response.text();
      bytesIn = text.length;
      meter.bytesIn += bytesIn;
      if (response.status >= 500) throw new RedisError('REDIS_UNAVAILABLE', `Redis answered HTTP ${response.status}`);
      if (response.status === 401) throw new RedisError('REDIS_UNAUTHORIZED', 'Redis refused the REST token');
      if (!response.ok) throw new RedisError('REDIS_REJECTED', `Redis refused the request: HTTP ${response.status}`);
      const replies = parseReplies(text, commands.length);
      breaker.succeeded();
      return replies;
    } catch (error) {
      meter.failures += 1;
      const failure = asRedisError(error);
      code = failure.code;
      if (failure.code === 'REDIS_TIMEOUT' || failure.code === 'REDIS_UNAVAILABLE') breaker.failed();
      throw failure;
    } finally {
      clearTimeout(timer);
      const ms = now() - started;
      meter.ms += ms;
      if (options.onRequest) {
        const calls = callNames(commands);
        options.onRequest({ commands: commands.length, calls, ms, bytesOut: body.length, bytesIn, code });
      }
    }
  }

  async function request(request: TransportRequest): Promise<{ result?: unknown; error?: string }> {
    if (request.isStreaming) throw new RedisError('REDIS_REJECTED', 'This transport does not stream');
    const mode = request.path?.[0];
    if (mode === 'pipeline') {
      const replies = await Promise.all(
        (request.body as Command[]).map(async (command) => redact(command)(shaped(command, await enqueue(command)))),
      );
      return replies as { result?: unknown };
    }
    if (mode === 'multi-exec') {
      const commands = request.body as Command[];
      const replies = await post('/multi-exec', commands, now() + timeout);
      return replies.map((reply, index) => {
        const command = commands[index] ?? [];
        return redact(command)(shaped(command, reply));
      }) as { result?: unknown };
    }
    const command = request.body as Command;
    const reply = shaped(command, await enqueue(command));
    if (reply.error !== undefined) throw commandError(nameOf(command), reply.error);
    return reply;
  }

  /** Returns the reply if its shape fits the command; otherwise throws. */
  function shaped(command: Command, reply: Reply): Reply {
    if (reply.error !== undefined || hasShapeOf(nameOf(command), command, reply.result)) return reply;
    throw unexpectedReply(nameOf(command));
  }

  function unexpectedReply(command: string): RedisError {
    meter.failures += 1;
    options.onUnexpectedReply?.(command);
    return new RedisError('REDIS_REPLY', `Redis answered ${command} with a reply of another shape`, { command });
  }

  return { request: request as Transport['request'], unexpectedReply };
}

/**
 * Runs `flush` at the end of the current turn of the event loop, after all its microtasks. So a module that awaits a
 * settled promise before its command still shares the round trip.
 */
const endOfTurn: (flush: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : (flush) => setTimeout(flush, 0);

function settle(batch: Waiting[], replies: Reply[]): void {
  for (const [index, waiting] of batch.entries()) {
    const reply = replies[index];
    if (reply) waiting.settle(reply);
  }
}

function parseReplies(text: string, expected: number): Reply[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new RedisError('REDIS_UNAVAILABLE', 'Redis answered something that is not JSON');
  }
  if (!Array.isArray(parsed) || parsed.length !== expected || !parsed.every(isReply)) {
    throw new RedisError('REDIS_UNAVAILABLE', 'Redis did not answer each command of the pipeline');
  }
  return parsed;
}

/** Returns whether a value is a reply. A command without a reply has failed: it must not count as done. */
function isReply(value: unknown): value is Reply {
  if (typeof value !== 'object' || value === null) return false;
  return 'error' in value ? typeof value.error === 'string' : 'result' in value;
}

/** Returns a function that replaces a server's error text, which may quote arguments, with our own text. */
function redact(command: Command): (reply: Reply) => Reply {
  return (reply) => (reply.error === undefined ? reply : { error: commandError(nameOf(command), reply.error).message });
}

const onlyReads = ({ command }: Waiting): boolean => isRead(nameOf(command));

function nameOf(command: Command): string {
  return String(command[0] ?? '').toUpperCase();
}
