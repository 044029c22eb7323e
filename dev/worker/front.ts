/**
 * The address of the application in `npm run dev`. The front binds the address first and keeps it to the end, so that
 * two local clouds never share an address. While the Worker is built or restarted, requests wait. If the build fails,
 * requests get the reason as their response.
 */
import { type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { pipeline } from 'node:stream';
import { asksForFirstPage, LOOPBACK, sendJson, sendPage, startHttpServer } from '../http/server.ts';

/** The state of the Worker behind the address. */
export type WorkerState =
  | { state: 'building' }
  /** `url` is the Worker's own address. */
  | { state: 'ready'; url: string }
  /** The Worker cannot be built or loaded. */
  | { state: 'failed'; reason: string };

/** A front that is listening. */
export interface Front {
  /** The address for users and programs. */
  url: string;
  port: number;
  /** Sets the state of the Worker, which may release waiting requests or answer them with a failure. */
  set(worker: WorkerState): void;
  /** Sets the first page for browsers, which is rendered for each request; other programs that request `/` get the Worker's response. */
  show(page: () => string): void;
  close(): Promise<void>;
}

/**
 * The headers that apply only to one connection and so are not forwarded. `Expect` is among them, because Node's server
 * has already answered it.
 */
const OF_A_CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'expect']);

/**
 * Starts to listen.
 *
 * @throws the error of `listen`, e.g. with code `EADDRINUSE`
 */
export async function startFront(port: number): Promise<Front> {
  let worker: WorkerState = { state: 'building' };
  let changed = Promise.withResolvers<void>();
  let home: (() => string) | undefined;
  /** Requests that were sent to the Worker and have no response yet. */
  const unanswered = new Set<ServerResponse>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (home !== undefined && asksForFirstPage(request)) return sendPage(response, home());
    response.once('close', () => unanswered.delete(response));
    for (;;) {
      while (worker.state === 'building') await changed.promise;
      if (response.destroyed) return;
      if (worker.state === 'failed') return answerFailure(response, worker.reason);
      unanswered.add(response);
      const asked = worker;
      const connected = await forward(asked.url, request, response, () => unanswered.delete(response));
      if (connected || response.destroyed || response.headersSent) return;
      // The Worker's process has ended, and another process is starting.
      unanswered.delete(response);
      if (worker === asked) worker = { state: 'building' };
    }
  }

  const server = await startHttpServer(port, handle);
  return {
    url: `http://localhost:${server.port}`,
    port: server.port,
    set(next) {
      worker = next;
      changed.resolve();
      changed = Promise.withResolvers();
      if (next.state !== 'failed') return;
      // wrangler may hold these requests until the Worker is built.
      for (const response of unanswered) answerFailure(response, next.reason);
      unanswered.clear();
    },
    show(page) {
      home = page;
    },
    close: server.close,
  };
}

function answerFailure(response: ServerResponse, reason: string): void {
  answerProblem(response, 500, 'BUILD_FAILED', 'The Worker cannot be built', reason);
}

function answerProblem(response: ServerResponse, status: number, code: string, title: string, detail: string): void {
  const problem = { type: 'about:blank', title, status, code, detail };
  sendJson(response, status, problem, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
}

/**
 * Forwards a request unchanged. Each request uses a new connection, because the Worker could close a kept connection at
 * the same time.
 *
 * @returns false if the Worker could not be reached and no part of the request has been read
 */
function forward(
  to: string,
  request: IncomingMessage,
  response: ServerResponse,
  onAnswer: () => void,
): Promise<boolean> {
  const { method, url: path, rawHeaders } = request;
  const { port } = new URL(to);
  const headers = [...ofTheMessage(rawHeaders), 'connection', 'close'];
  const outgoing = send({ host: LOOPBACK, port, method, path, headers, agent: false });
  const fail = ({ message }: Error): void => {
    if (response.headersSent) response.destroy();
    else answerProblem(response, 502, 'WORKER_GONE', 'The Worker did not answer', message);
  };
  outgoing.once('response', (incoming) => {
    if (response.destroyed || response.headersSent) return void outgoing.destroy();
    onAnswer();
    response.writeHead(incoming.statusCode ?? 502, likeTheEdge(ofTheMessage(incoming.rawHeaders)));
    response.flushHeaders();
    pipeline(incoming, response, () => {});
  });
  response.once('close', () => outgoing.destroy());
  return new Promise((resolve) => {
    let connected = false;
    outgoing.once('socket', (socket) => {
      socket.once('connect', () => {
        connected = true;
        resolve(true);
        request.pipe(outgoing);
      });
    });
    outgoing.on('error', (error) => {
      if (connected) fail(error);
      else resolve(false);
    });
  });
}

function ofTheMessage(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_each, at) => !OF_A_CONNECTION.has(rawHeaders[at - (at % 2)]?.toLowerCase() ?? ''));
}

/**
 * Returns the headers of an answer with a weak ETag if workerd has compressed the answer, as Cloudflare's edge does: the
 * bytes of a strong ETag are those of one encoding only (RFC 9110, section 8.8.3.3).
 */
function likeTheEdge(rawHeaders: readonly string[]): string[] {
  const isName = (at: number, name: string) => at % 2 === 0 && rawHeaders[at]?.toLowerCase() === name;
  const isCompressed = rawHeaders.some((_each, at) => isName(at, 'content-encoding'));
  return rawHeaders.map((text, at) => (isCompressed && isName(at - 1, 'etag') && text[0] === '"' ? `W/${text}` : text));
}
