/**
 * A circuit breaker for third parties, shared by all isolates through Redis: after enough failures all calls stop for a
 * while, then one caller probes under a lease, and the outcome of the probe decides for all callers.
 *
 * A healthy call costs Redis nothing: an isolate asks at its first call and then once per `freshFor`, and reports only
 * failures. So after the circuit has opened an isolate may go on calling for `freshFor`, or until a call of its own
 * fails; after it has closed, an isolate may hold back for the rest of the `openFor` it learned. Without Redis each
 * isolate counts its own failures.
 *
 * Cockatiel and Opossum were considered: both decide in the memory of one process (Cockatiel can start from a snapshot
 * of another), and neither can lease the one probe to one of many. Only their events would be of use here.
 */
import { type Duration, milliseconds } from '../duration.ts';
import type { Log } from '../log.ts';
import { key, NO_TENANT, type RedisClient, RedisError } from '../redis/index.ts';
import type { System } from '../system.ts';
import { enterScript, reportScript } from './circuit-scripts.ts';
import { OutboundError, toOutboundError } from './errors.ts';
import { type CircuitMemory, countFailure, knowledgeOf, learnClosed, learnOpen } from './memory.ts';

/** The services of a circuit, from its scope and its isolate. */
export interface CircuitServices {
  redis: RedisClient;
  system: Pick<System, 'now' | 'token' | 'timer'>;
  log: Log;
  /** Lives as long as the isolate. */
  memory: CircuitMemory;
  /** Keeps work going after the response, for reports that no call waits for. */
  after(work: Promise<unknown>): void;
}

/** When a circuit opens, and for how long. */
export interface CircuitOptions {
  /** The third party, such as `mail`; one circuit for each. */
  name: string;
  /**
   * Failures within the window that open it. Default 5. A count and not a rate, which would require reporting
   * every success: set it above what a busy day brings.
   */
  threshold?: number;
  /** Default 30 s. */
  window?: Duration;
  /** How long all calls stop before one caller probes. Default 30 s. */
  openFor?: Duration;
  /** How long a probe is waited for before another may be made: longer than its time limit. Default 15 s. */
  probeLease?: Duration;
  /** How long an isolate takes a closed circuit to be closed without asking. Default 10 s. */
  freshFor?: Duration;
}

/** One third party, and whether it may be called. */
export interface Circuit {
  /**
   * Calls, if the circuit allows it. `work` throws for a fault of the third party (no connection, 5xx), and returns any
   * other answer (a 4xx): every thrown error counts as a failure. The signal aborts at the time limit, which holds also
   * if `work` ignores the signal. Default limit 10 s.
   *
   * Redis: 0 requests while it is known to be closed or open; 1 to ask, once per `freshFor`; 1 to report a failure or
   * how a probe ended, after the response. 1 command each.
   * @throws {OutboundError} `OUTBOUND_OPEN`: `work` did not run; `OUTBOUND_TIMEOUT`; `OUTBOUND_FAILED`.
   */
  call<Result>(work: (signal: AbortSignal) => Promise<Result>, options?: { timeout?: Duration }): Promise<Result>;
}

/** The kind of a call: a probe has a token, or is a probe of this isolate alone. */
interface Pass {
  token: string;
  probe: boolean;
}

const ORDINARY: Pass = { token: '', probe: false };
const TTL_MS = 3_600_000;
/** A probe may end long before its lease, so waiting isolates ask again sooner. */
const PROBE_RECHECK_MS = 1_000;

/**
 * Creates a circuit for one scope.
 * @throws {TypeError} if it would stay open or count failures for an hour, which is how long Redis remembers it.
 */
export function createCircuit(services: CircuitServices, options: CircuitOptions): Circuit {
  const { redis, system, log, after } = services;
  const { name, threshold = 5 } = options;
  const windowMs = milliseconds(options.window ?? '30s');
  const openMs = milliseconds(options.openFor ?? '30s');
  const leaseMs = milliseconds(options.probeLease ?? '15s');
  const freshMs = milliseconds(options.freshFor ?? '10s');
  if (Math.max(windowMs, openMs + leaseMs) >= TTL_MS) throw new TypeError(`The circuit ${name} would last an hour`);
  const circuit = key(NO_TENANT, 'circuit', name);
  const known = knowledgeOf(services.memory, name);

  const refused = () =>
    new OutboundError('OUTBOUND_OPEN', `${name} failed repeatedly a moment ago; not asking it again yet`, {
      retryAfterMs: Math.max(0, known.openUntil - system.now()),
    });

  async function admit(): Promise<Pass> {
    if (known.openUntil > system.now()) throw refused();
    if (!known.open && known.closedUntil > system.now()) return ORDINARY;
    const token = system.token();
    try {
      const [answer, ms] = await enterScript.call(redis, [circuit], [token, leaseMs]);
      if (answer === 'closed') {
        // Calls of this isolate may have failed while it was asked.
        if (known.openUntil <= system.now()) learnClosed(known, system.now() + freshMs);
        return ORDINARY;
      }
      learnOpen(known, system.now() + (answer === 'probing' ? Math.min(ms, PROBE_RECHECK_MS) : ms));
      if (answer === 'probe') return { token, probe: true };
    } catch (error) {
      if (!(error instanceof RedisError)) throw error;
      return admitAlone();
    }
    throw refused();
  }

  /** Decides without Redis, by this isolate's own failures. An open circuit allows one probe of this isolate. */
  function admitAlone(): Pass {
    const now = system.now();
    if (known.openUntil > now) throw refused();
    if (known.open) {
      known.openUntil = now + leaseMs;
      return { token: '', probe: true };
    }
    // For a while, further calls do not ask Redis again.
    known.closedUntil = now + freshMs;
    return ORDINARY;
  }

  function succeeded({ token, probe }: Pass): void {
    if (!probe) return;
    learnClosed(known, system.now() + freshMs);
    if (token !== '') after(report(token, 'ok', 0));
  }

  function failed({ token, probe }: Pass, tookMs: number): void {
    const now = system.now();
    const enough = countFailure(known, now, windowMs, threshold);
    if (probe || enough) learnOpen(known, now + openMs);
    after(report(token, 'failed', tookMs));
  }

  /** Reports an outcome to Redis. If a report is lost, a failure is not counted, or a probe's lease must expire. */
  async function report(token: string, outcome: 'ok' | 'failed', tookMs: number): Promise<void> {
    const args = [token, outcome, threshold, windowMs, openMs, Math.round(tookMs), TTL_MS];
    try {
      const [state, ms, changed] = await reportScript.call(redis, [circuit], args);
      if (state === 'open') learnOpen(known, system.now() + ms);
      if (changed === 1) log[state === 'open' ? 'warn' : 'info'](`circuit.${state}`, { circuit: name });
    } catch (error) {
      if (!(error instanceof RedisError)) throw error;
    }
  }

  return {
    async call(work, { timeout = '10s' } = {}) {
      const pass = await admit();
      const started = system.now();
      try {
        const result = await withTimeLimit(system, name, milliseconds(timeout), work);
        succeeded(pass);
        return result;
      } catch (error) {
        failed(pass, system.now() - started);
        throw toOutboundError(name, error);
      }
    },
  };
}

async function withTimeLimit<Result>(
  system: Pick<System, 'timer'>,
  name: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let stop = () => {};
  const limit = new Promise<never>((_resolve, reject) => {
    stop = system.timer(ms, () => {
      const error = new OutboundError('OUTBOUND_TIMEOUT', `${name} did not answer within ${ms} ms`);
      reject(error);
      controller.abort(error);
    });
  });
  try {
    return await Promise.race([work(controller.signal), limit]);
  } finally {
    stop();
  }
}
