/**
 * The QStash emulator: QStash's HTTP API on this machine, with a movable clock and switchable faults. The
 * emulator follows the public documentation and the SDK, and works with the unmodified @upstash/qstash.
 * docs/qstash-emulator.md lists the differences and omissions.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { bearerToken, isToken } from '../http/bearer.ts';
import { asksForFirstPage, readBody, sendJson, startHttpServer } from '../http/server.ts';
import { type Clock, runningClock } from './clock.ts';
import { hold, release } from './dispatch.ts';
import { DEFAULT_LIMITS, type Emulator, emptyState, type Limits, type SendAttempt } from './emulator.ts';
import { createFaults, type Faults } from './faults.ts';
import { handleRequest } from './routes/api.ts';
import { restoreState, type SavedState, saveState } from './saved-state.ts';
import { acceptedTokens } from './sdk-dev-mode.ts';
import type { SigningKeys } from './signature.ts';
import { describeState, type Snapshot } from './snapshot.ts';

/** Options of {@link startQstash}. */
export interface QstashOptions {
  /** The port; 0 (the default) for any free port. */
  port?: number;
  token: string;
  /**
   * The signing keys. If these are the public keys of the SDK's development mode, the SDK's public token is accepted
   * too.
   */
  keys: SigningKeys;
  /** The clock; default a running clock. */
  clock?: Clock;
  ids?: () => string;
  /** Sends the HTTP requests of deliveries; default Node's own client. */
  fetch?: SendAttempt;
  /** Measures the time limit of an attempt, in ms of real time; returns a function that cancels the timer. */
  timer?: (ms: number, run: () => void) => () => void;
  /** The limits of the account; default the limits of the pay-as-you-go plan. */
  limits?: Partial<Limits>;
  /** Returns a random number from 0 to 1, for faults with a probability; default a generator seeded with 1. */
  random?: () => number;
  /** Receives a line of text for each retry and dead letter. */
  log?: (line: string) => void;
  /** The result of {@link Qstash.save} of an earlier emulator. */
  saved?: SavedState;
  /** The origin whose messages wait until {@link Qstash.release}. */
  heldOrigin?: string;
}

/** A running emulator. */
export interface Qstash {
  url: string;
  port: number;
  token: string;
  clock: Clock;
  faults: Faults;
  /** Returns the state that `GET /_emulator/state` shows. */
  state(): Snapshot;
  /** Holds back messages to this origin; attempts in progress continue. */
  hold(origin: string): void;
  /** Sends the messages that `hold` or `heldOrigin` held back. */
  release(): void;
  /** Returns the state of the emulator. A later emulator can start from this state. */
  save(): SavedState;
  /** Stops the deliveries, and aborts attempts in progress. */
  close(): Promise<void>;
}

/**
 * Starts the emulator.
 *
 * @throws the error of `listen`, e.g. with code `EADDRINUSE`
 * @example
 * const qstash = await startQstash({ token: 't', keys: { current: 'sig_1', next: 'sig_2' }, clock: testClock(0) });
 * const client = new Client({ baseUrl: qstash.url, token: qstash.token });
 * await client.publishJSON({ url: 'http://127.0.0.1:3000/jobs', body: {}, delay: '30m' });
 * await qstash.clock.advance(30 * 60_000); // has been delivered
 */
export async function startQstash(options: QstashOptions): Promise<Qstash> {
  const emulator = createEmulator(options);
  const { clock, faults, open } = emulator;
  const tokens = acceptedTokens(options.token, options.keys);
  const isAccepted = (presented: string | undefined) => tokens.some((token) => isToken(presented, token));
  if (options.heldOrigin !== undefined) hold(emulator, options.heldOrigin);
  if (options.saved) restoreState(emulator, options.saved);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    if (asksForFirstPage(request)) return void response.writeHead(302, { location: '/_emulator' }).end();
    const isOwn = isAccepted(bearerToken(request));
    if (!isOwn && !isAccepted(queryToken(target)) && !isOpenToAll(request.method, target)) {
      return sendJson(response, 401, { error: 'unauthorized: invalid token' });
    }
    const headers = joinHeaders(request);
    // Webhook mode forwards the sender's headers. The sender's token for QStash must not be forwarded.
    if (isOwn) delete headers['authorization'];
    const answer = await handleRequest(emulator, {
      method: request.method ?? 'GET',
      target,
      query: new URLSearchParams(target.split('?').slice(1).join('?')),
      headers,
      body: await readBody(request),
      callerIp: request.socket.remoteAddress ?? '',
    });
    if (answer.status === 0) {
      response.destroy();
    } else if (answer.html !== undefined) {
      response.writeHead(answer.status, { 'content-type': 'text/html; charset=utf-8' });
      response.end(answer.html);
    } else {
      sendJson(response, answer.status, answer.body, answer.headers);
    }
  }

  const server = await startHttpServer(options.port ?? 0, handle);
  return {
    url: server.url,
    port: server.port,
    token: options.token,
    clock,
    faults,
    state: () => describeState(emulator),
    hold: (origin) => hold(emulator, origin),
    release: () => release(emulator),
    save: () => saveState(emulator),
    async close() {
      clock.stop();
      for (const attempt of open) attempt.abort(new Error('the emulator was closed'));
      await server.close();
    },
  };
}

function createEmulator(options: QstashOptions): Emulator {
  return {
    state: emptyState(options.keys),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    clock: options.clock ?? runningClock(),
    faults: createFaults(options.random),
    region: 'EU-CENTRAL-1',
    ids: options.ids ?? randomUUID,
    fetch: options.fetch ?? createNodeFetch(),
    timer: options.timer ?? startTimer,
    open: new Set(),
    log: options.log ?? (() => {}),
  };
}

function startTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
}

/**
 * Returns true for the emulator's pages, which a browser can open without the token. Requests that change something
 * need the token.
 */
function isOpenToAll(method: string | undefined, target: string): boolean {
  return method === 'GET' && /^\/_emulator(?:[/?]|$)/.test(target);
}

/** Reads the token in the query. QStash accepts it there, because some external webhooks cannot send a header. */
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
