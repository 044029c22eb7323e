/** Isolates that call one third party, on one clock that also applies to their circuit in Redis. */

import { createLog } from '../../../src/platform/log.ts';
import {
  type CircuitOptions,
  createCircuit,
  createCircuitMemory,
  OutboundError,
} from '../../../src/platform/outbound/index.ts';
import { realSystem, type System } from '../../../src/platform/system.ts';
import { createIsolate, manualClock, newTenant } from '../../support/isolate.ts';
import { logRecord } from '../../support/log-record.ts';

/** A new circuit, and isolates that use it. */
export function createWorld(rest: { url: string; token: string }, options: Partial<CircuitOptions> = {}) {
  const clock = manualClock();
  const name = `party-${newTenant()}`;
  const key = `hf:-:br:${name}`;
  const { redis } = createIsolate({ rest }).scope('unused');
  const lines: string[] = [];

  function isolate({ fetch, timer }: { fetch?: typeof globalThis.fetch; timer?: System['timer'] } = {}) {
    const system: System = { ...realSystem, now: () => clock.now, ...(timer ? { timer } : {}) };
    const made = createIsolate({ rest, system, ...(fetch ? { fetch } : {}) });
    const scope = made.scope('unused');
    const pending: Promise<unknown>[] = [];
    const log = createLog({
      now: system.now,
      write(line) {
        lines.push(line);
        logRecord().line('an isolate', line);
      },
    });
    const circuit = createCircuit(
      { redis: scope.redis, system, log, memory: createCircuitMemory(), after: (work) => pending.push(work) },
      { name, ...options },
    );
    const settled = async () => {
      while (pending.length > 0) await Promise.all(pending.splice(0));
    };
    return {
      circuit,
      meter: scope.meter,
      settled,
      /** Calls, waits for the reports, and returns the result or the code of the error. */
      async call(work: () => Promise<unknown> = ok): Promise<unknown> {
        const outcome = await circuit.call(work).catch((error: unknown) => {
          if (error instanceof OutboundError) return error.code;
          throw error;
        });
        await settled();
        return outcome;
      },
    };
  }

  /** The state of the circuit in Redis. */
  async function state(): Promise<Record<string, string>> {
    // Names and values in turn, as Redis sends them: our client does not convert replies.
    const flat = (await redis.hgetall(key)) as unknown as string[] | null;
    const pairs = (flat ?? []).flatMap((name, index) => (index % 2 ? [] : [[name, flat?.[index + 1] ?? ''] as const]));
    return Object.fromEntries(pairs);
  }

  /** Lets time pass: moves the isolates' clock forward, and the times stored in Redis backward. */
  async function elapse(ms: number): Promise<void> {
    clock.now += ms;
    const known = await state();
    for (const field of ['open', 'lease', 'closed', 'failures']) {
      const times = known[field]?.split(' ').map((at) => String(Number(at) - ms));
      if (times) await redis.hset(key, { [field]: times.join(' ') });
    }
  }

  return { clock, isolate, elapse, state, key, name, redis, lines };
}

export const ok = async () => 'done';
export const fail = async () => {
  throw new OutboundError('OUTBOUND_FAILED', 'HTTP 503', { status: 503 });
};
