/**
 * The Upstash REST API in front of any Redis: the server for @upstash/redis and @upstash/ratelimit in the local cloud
 * and in tests. The steps of a request are: authenticate, parse, intercept, run, answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ErrorReply } from '@redis/client';
import { bearerToken } from '../http/bearer.ts';
import { readBody, sendJson, startHttpServer } from '../http/server.ts';
import { equivalentOf } from './equivalents.ts';
import type { Intercept, InterceptMessage, Verdict } from './intercept.ts';
import { openLine, RedisUnavailableError } from './line.ts';
import { measuresMemory, memoryScriptFor } from './memory.ts';
import { namingPage, PAGE } from './not-there.ts';
import { type Refuses, Refusing } from './refusing.ts';
import { type Encoding, type Reply, toResult } from './reply.ts';
import { BadRequestError, type Command, parseRequest, type RestRequest } from './request.ts';
import { knowsFlags, ScriptRewriter } from './scripts.ts';
import { refusalOf } from './shared-line.ts';
import { type SubscribeRequest, streamSubscription } from './subscription.ts';
import { syncTokens } from './sync-token.ts';
import { type Caller, Users } from './users.ts';

/** The methods that the REST API accepts. */
const METHODS = ['HEAD', 'GET', 'POST', 'PUT'];

/** Options of {@link startRedisRest}. */
export interface RedisRestOptions {
  redisUrl: string;
  /** The token of the user with all rights. */
  token: string;
  /** The port; 0 (the default) for any free port. */
  port?: number;
  /** The time limit for a reply of Redis, in ms, after which the server answers 503; default 30,000. */
  replyTimeLimitMs?: number;
}

/** The numbers of requests and commands so far, without subscriptions and requests with a wrong token. */
export interface RestCounts {
  requests: number;
  commands: number;
}

/** A running REST server. */
export interface RedisRest {
  url: string;
  token: string;
  port: number;
  counts(): RestCounts;
  /** The interceptor with which tests inject faults; undefined lets every request pass. */
  intercept: Intercept | undefined;
  /** The interceptor with which tests lose messages of subscriptions; undefined lets every message pass. */
  interceptMessage: InterceptMessage | undefined;
  /** Makes a user with a fixed token and the rights of these rules; requests with the token have these rights only. */
  setUser(name: string, token: string, rules: readonly string[]): Promise<void>;
  /** Lets Redis refuse writes with this reply; undefined (the default) lets it accept them. */
  refuses: Refuses | undefined;
  /** Ends all open subscriptions, as a restart of Redis does. */
  endSubscriptions(): void;
  close(): Promise<void>;
}

type CommandRequest = Exclude<RestRequest, { kind: 'subscribe' }>;

interface Answer {
  status: number;
  body: unknown;
}

/**
 * Starts the server and its connection to Redis.
 *
 * @throws the connection error if Redis cannot be reached, or the error of `listen`
 */
export async function startRedisRest(options: RedisRestOptions): Promise<RedisRest> {
  const { redisUrl, token } = options;
  const open = (url: string) => openLine(url, options.replyTimeLimitMs ?? 30_000);
  const line = await open(redisUrl);
  const users = await Users.of({ redisUrl, token, line, open });
  const scripts = new ScriptRewriter(await knowsFlags(line.send));
  const hasMemory = await measuresMemory(line.send);
  const nextSyncToken = syncTokens();
  const refusing = new Refusing();
  const refused = (caller: Caller, command: Command) =>
    refusalOf(command) ?? caller.refusalOf(command) ?? refusing.refusalOf(rest.refuses, command);
  const counts: RestCounts = { requests: 0, commands: 0 };
  const subscriptions = new Set<ServerResponse>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const caller = users.callerOf(bearerToken(request));
    if (!caller) {
      return sendJson(response, 401, { error: 'WRONGPASS invalid or missing auth token' });
    }
    const path = request.url ?? '/';
    if (!METHODS.includes(request.method ?? '')) {
      const error = `ERR ${request.method} is not allowed: use ${METHODS.join(', ')}`;
      return sendJson(response, 405, { error }, { allow: METHODS.join(', ') });
    }
    try {
      checkFormat(request);
      const parsed = parseRequest(request.method ?? 'GET', path, await readBody(request));
      if (parsed.kind === 'subscribe') return await subscribe(caller, path, parsed, response);
      const commands = parsed.kind === 'command' ? [parsed.command] : parsed.commands;
      counts.requests += 1;
      counts.commands += commands.length;
      const verdict = (await rest.intercept?.({ path, commands })) ?? 'pass';
      if (verdict === 'hang') return;
      const answer = typeof verdict === 'object' ? verdict : await run(caller, parsed, encodingOf(request));
      if (verdict === 'drop-response') return void response.destroy();
      const syncToken = nextSyncToken(request.headers['upstash-sync-token']?.toString());
      sendJson(response, answer.status, answer.body, { 'upstash-sync-token': syncToken });
    } catch (error) {
      if (error instanceof BadRequestError) return sendJson(response, 400, { error: error.message });
      if (error instanceof RedisUnavailableError) return sendJson(response, 503, { error: error.message });
      throw error;
    }
  }

  async function subscribe(
    caller: Caller,
    path: string,
    request: SubscribeRequest,
    response: ServerResponse,
  ): Promise<void> {
    const command: Command = [request.mode === 'channels' ? 'SUBSCRIBE' : 'PSUBSCRIBE', ...request.names];
    const verdict: Verdict = (await rest.intercept?.({ path, commands: [command] })) ?? 'pass';
    if (verdict === 'hang') return;
    if (verdict === 'drop-response') return void response.destroy();
    if (typeof verdict === 'object') return sendJson(response, verdict.status, verdict.body);
    const refusal = await users.subscriptionRefusal(caller, command);
    if (refusal !== undefined) return sendJson(response, 400, { error: refusal });
    subscriptions.add(response);
    response.once('close', () => subscriptions.delete(response));
    await streamSubscription(caller.redisUrl, request, response, (channel, message) =>
      rest.interceptMessage ? rest.interceptMessage(channel, message) : true,
    );
  }

  async function run(caller: Caller, request: CommandRequest, encoding: Encoding): Promise<Answer> {
    switch (request.kind) {
      case 'command': {
        const [reply = null] = await runPipeline(caller, [request.command]);
        const result = toResult(reply, encoding);
        return { status: 'error' in result ? 400 : 200, body: result };
      }
      case 'pipeline': {
        const replies = await runPipeline(caller, request.commands);
        return { status: 200, body: replies.map((reply) => toResult(reply, encoding)) };
      }
      case 'transaction': {
        const replies = await runTransaction(caller, request.commands);
        if (replies instanceof ErrorReply) return { status: 400, body: toResult(replies, encoding) };
        return { status: 200, body: replies.map((reply) => toResult(reply, encoding)) };
      }
    }
  }

  async function runPipeline(caller: Caller, commands: readonly Command[]): Promise<Reply[]> {
    const refusals = commands.map((command) => refused(caller, command));
    const isSent = (command: Command, at: number) => refusals[at] === undefined && !isAcl(command);
    const sent = commands.filter(isSent).map(forEngine);
    const replies = (sent.length === 0 ? [] : await (await caller.line()).sendAll(sent)).values();
    const answers: Reply[] = [];
    for (const [at, command] of commands.entries()) {
      const refusal = refusals[at];
      if (refusal !== undefined) answers.push(new ErrorReply(refusal));
      else if (isAcl(command)) answers.push(await users.run(caller, command));
      else answers.push(answerOf(command, replies.next().value ?? null));
    }
    return answers;
  }

  async function runTransaction(caller: Caller, commands: readonly Command[]): Promise<Reply[] | ErrorReply> {
    const refusal = commands.map((command) => refused(caller, command)).find((text) => text !== undefined);
    if (refusal !== undefined) return new ErrorReply(`EXECABORT Transaction discarded because of: ${refusal}`);
    const replies = await (await caller.line()).transaction(commands.map(forEngine));
    if (replies instanceof ErrorReply) return namingPage(['EXEC'], replies);
    return replies.map((reply, at) => answerOf(commands[at] ?? ['EXEC'], reply));
  }

  /** Returns a command in the form that the engine supports. */
  function forEngine(command: Command): Command {
    return (hasMemory ? undefined : memoryScriptFor(command)) ?? scripts.rewrite(equivalentOf(command));
  }

  function answerOf(command: Command, reply: Reply): Reply {
    return reply instanceof ErrorReply ? namingPage(command, reply) : (scripts.replyOverride(command) ?? reply);
  }

  const server = await startHttpServer(options.port ?? 0, handle).catch((error: unknown) => {
    line.close();
    throw error;
  });
  let closed = false;
  const rest: RedisRest = {
    url: server.url,
    token,
    port: server.port,
    counts: () => ({ ...counts }),
    intercept: undefined,
    refuses: undefined,
    interceptMessage: undefined,
    setUser: (name, token, rules) => users.set(name, token, rules),
    endSubscriptions() {
      for (const response of subscriptions) response.end();
    },
    async close() {
      if (closed) return;
      closed = true;
      await server.close();
      await users.close();
      line.close();
    },
  };
  return rest;
}

/** The server keeps the users itself, so `ACL` does not go to the engine with the other commands. */
function isAcl([name]: Command): boolean {
  return name.toUpperCase() === 'ACL';
}

function encodingOf(request: IncomingMessage): Encoding {
  return request.headers['upstash-encoding'] === 'base64' ? 'base64' : 'plain';
}

/** Refuses any response format except JSON. Upstash can also reply in Redis's own format. */
function checkFormat(request: IncomingMessage): void {
  const format = request.headers['upstash-response-format'] ?? 'json';
  if (format === 'json') return;
  throw new BadRequestError(`ERR the response format ${String(format)} is not there: see ${PAGE}`);
}
