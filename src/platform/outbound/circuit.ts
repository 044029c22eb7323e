/**
 * A circuit breaker for third parties, shared by all isolates through Redis. After enough failures, all calls stop for
 * a time. Then one caller probes under a lease, and the outcome of the probe decides for all callers.
 *
 * A successful call needs no request to Redis: an isolate reads the state at its first call and then once per
 * `freshFor`, and reports only failures. So after the circuit opens, an isolate may still call for up to `freshFor`, or
 * until one of its own calls fails. After the circuit closes, an isolate may still refuse calls until the open time
 * that it has read is over. Without Redis, each isolate counts its own failures.
 *
 * The libraries Cockatiel and Opossum were considered. Both decide in the memory of one process (Cockatiel can start
 * from a snapshot of another process), and neither can give the probe to only one of many callers.
 */
import type { Counters } from '../counters/index.ts';
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
  /** The isolate's knowledge of its circuits, which lives as long as the isolate. */
  memory: CircuitMemory;
  /** Counts the calls by outcome. */
  counters?: Pick<Counters, 'count'>;
  /** Lets work continue after the response, so that no call waits for a report. */
  after(work: Promise<unknown>): void;
}

/** When a circuit opens, and for how long. */
export interface CircuitOptions {
  /** The name of the third party, such as `mail`. Each third party has one circuit. */
  name: string;
  /**
   * The number of failures within the window that opens the circuit. Default 5. Choose a number above the usual number
   * of failures on a busy day. (A rate of failures would require a report of every success.)
   */
  threshold?: number;
  /** The time in which failures are counted together. Default 30 s. */
  window?: Duration;
  /** How long the circuit stays open. There are no calls in this time; then one caller probes. Default 30 s. */
  openFor?: Duration;
  /**
   * How long one caller has the right to probe, and other callers wait. Must be longer than the time limit of a call.
   * Default 15 s.
   */
  probeLease?: Duration;
  /** How long an isolate treats a closed circuit as closed without asking Redis again. Default 10 s. */
  freshFor?: Duration;
}

/** The circuit of one third party. */
export interface Circuit {
  /**
   * Runs `work`, which calls the third party, if the circuit allows the call. Every error that `work` throws counts as
   * a failure. So `work` must throw only for a fault of the third party (no connection, 5xx), and must return any other
   * answer, also a 4xx. At the time limit (default 10 s) the signal aborts and the call ends, even if `work` ignores
   * the signal.
   *
   * While the isolate knows the state, a call costs no request to Redis. Reading the state costs 1 request, once per
   * `freshFor`. Reporting a failure or the outcome of a probe costs 1 request, after the response. Each request has 1
   * command.
   * @throws {OutboundError} `OUTBOUND_OPEN` if `work` did not run; `OUTBOUND_TIMEOUT`; `OUTBOUND_FAILED`.
   */
  call<Result>(work: (signal: AbortSignal) => Promise<Result>, options?: { timeout?: Duration }): Promise<Result>;
}

/** The permission for a call. If Redis does not answer, an isolate may probe for itself; such a probe has no token. */
interface Pass {
  token: string;
  probe: boolean;
}

const ORDINARY: Pass = { token: '', probe: false };
const TTL_MS = 3_600_000;
/**
 * The time after which a waiting isolate asks Redis again, in ms. This time is short, because a probe may end long
 * before its lease.
 */
const PROBE_RECHECK_MS = 1_000;

/**
 * Creates a circuit for one scope.
 * @throws {TypeError} if the circuit would stay open, or count failures, for an hour or longer: Redis deletes an unused
 * circuit after an hour.
 */
export function createCircuit(services: CircuitServices, options: CircuitOptions): Circuit {
  const { redis, system, log, counters, after } = services;
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
        // While Redis was asked, other calls of this isolate may have failed and opened the circuit.
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

  /** Decides without Redis, from this isolate's own failures. An open circuit allows one probe of this isolate. */
  function admitAlone(): Pass {
    const now = system.now();
    if (known.openUntil > now) throw refused();
    if (known.open) {
      known.openUntil = now + leaseMs;
      return { token: '', probe: true };
    }
    // For `freshFor`, further calls do not ask Redis again.
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

  /**
   * Reports an outcome to Redis. If the report of a failure does not reach Redis, the failure is not counted. If the
   * report of a probe does not reach Redis, the next probe must wait until the lease has expired.
   */
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
      let pass: Pass;
      try {
        pass = await admit();
      } catch (error) {
        if (error instanceof OutboundError) counters?.count('circuits.calls', { circuit: name, outcome: 'refused' });
        throw error;
      }
      const started = system.now();
      try {
        const result = await withTimeLimit(system, name, milliseconds(timeout), work);
        succeeded(pass);
        counters?.count('circuits.calls', { circuit: name, outcome: 'done' });
        return result;
      } catch (error) {
        failed(pass, system.now() - started);
        counters?.count('circuits.calls', { circuit: name, outcome: 'failed' });
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
