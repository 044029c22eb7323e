/**
 * A circuit breaker for third parties, shared by all isolates through Redis: after enough failures all calls stop for
 * a while, then one caller probes under a lease, and the outcome of the probe decides for all callers.
 *
 * A successful call needs no request to Redis: an isolate reads the state at its first call and then once per
 * `freshFor`, and reports only failures. So after the circuit opens, an isolate may still call for up to `freshFor`,
 * or until one of the isolate's own calls fails. After the circuit closes, an isolate may still refuse calls for the
 * rest of the `openFor` that the isolate has read. Without Redis, each isolate counts its own failures.
 *
 * Cockatiel and Opossum were considered. Both decide in the memory of one process (Cockatiel can start from a
 * snapshot of another process), and neither can lease the probe to one of many callers. Only events would be useful.
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
  /** The isolate's knowledge of its circuits, which lives as long as the isolate. */
  memory: CircuitMemory;
  /** Lets work continue after the response, so that no call waits for a report. */
  after(work: Promise<unknown>): void;
}

/** When a circuit opens, and for how long. */
export interface CircuitOptions {
  /** The name of the third party, such as `mail`. Each third party has one circuit. */
  name: string;
  /**
   * The number of failures within the window that opens the circuit. Default 5. A rate instead of a number would
   * require a report of every success. Choose a number above the usual failures of a busy day.
   */
  threshold?: number;
  /** The time in which failures are counted together. Default 30 s. */
  window?: Duration;
  /** How long the circuit stays open: no calls, until one caller probes. Default 30 s. */
  openFor?: Duration;
  /** How long callers wait for a probe before the next probe: longer than a call's time limit. Default 15 s. */
  probeLease?: Duration;
  /** How long an isolate treats a closed circuit as closed without asking Redis again. Default 10 s. */
  freshFor?: Duration;
}

/** The circuit of one third party. */
export interface Circuit {
  /**
   * Runs `work`, which calls the third party, if the circuit allows the call. `work` must throw for a fault of the
   * third party (no connection, 5xx) and return any other answer (a 4xx): every thrown error counts as a failure. At
   * the time limit the signal aborts and the call ends, even if `work` ignores the signal. Default limit 10 s.
   *
   * Redis: 0 requests while the isolate knows the state; 1 to read the state, once per `freshFor`; 1 to report a
   * failure or the outcome of a probe, after the response. 1 command each.
   * @throws {OutboundError} `OUTBOUND_OPEN` if `work` did not run; `OUTBOUND_TIMEOUT`; `OUTBOUND_FAILED`.
   */
  call<Result>(work: (signal: AbortSignal) => Promise<Result>, options?: { timeout?: Duration }): Promise<Result>;
}

/** The permission for a call. A probe without a token is a probe of this isolate alone, without Redis. */
interface Pass {
  token: string;
  probe: boolean;
}

const ORDINARY: Pass = { token: '', probe: false };
const TTL_MS = 3_600_000;
/** The time after which waiting isolates ask Redis again, in ms: a probe may end long before its lease. */
const PROBE_RECHECK_MS = 1_000;

/**
 * Creates a circuit for one scope.
 * @throws {TypeError} if the circuit would stay open or count failures for an hour: Redis forgets a circuit then.
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
        // Calls of this isolate may have failed while Redis was asked.
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
    // Further calls do not ask Redis again for a while.
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

  /** Reports an outcome to Redis. If the report is lost, a failure is not counted, or a probe's lease must expire. */
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
