/**
 * Faults on demand. A fault happens a number of times (`times`), with a probability from a seeded generator, or always.
 * It applies to all URLs or to URLs with a prefix. In production, QStash or the network can cause each of these faults.
 */

import { z } from 'zod';
import { type Random, seededRandom } from '../random/seeded.ts';

/** The settings of a fault. */
const fault = z.strictObject({
  /** The remaining number of times that the fault happens. By default there is no limit. */
  times: z.int().positive().optional(),
  /** The probability of the fault, from 0 to 1; default 1. */
  probability: z.number().min(0).max(1).optional(),
  /** The prefix of the destinations' URLs; default all destinations. */
  url: z.string().optional(),
  /** The duration of the fault, in ms of the emulator's clock, for faults with a duration. */
  ms: z.number().optional(),
  /** The status of a refused publish; 0 closes the connection without a response. */
  status: z.int().min(0).max(599).optional(),
  /** The response headers of a refused publish, e.g. of a rate limit. */
  headers: z.record(z.string(), z.string()).optional(),
});

/** The available faults, by name. */
export const faultPlan = z.strictObject({
  /** Every attempt is sent twice at the same time; the first response counts. */
  duplicateDelivery: fault.optional(),
  /** A success is not recorded, and the same attempt is sent again after `ms` (default 0). */
  deliveryAfterSuccess: fault.optional(),
  /** The endpoint responds, but the response is lost. */
  dropResponse: fault.optional(),
  /** The response takes `ms` (default 1,000). If `ms` exceeds the message's timeout, the attempt times out. */
  slowResponse: fault.optional(),
  /** The attempt starts `ms` (default 1,000) late. */
  delay: fault.optional(),
  /** The attempt waits until the next message is sent, at most `ms` (default 1,000). */
  reorder: fault.optional(),
  /** The message is accepted, but the response is an error (default 500). */
  publishErrorAfterAccept: fault.optional(),
  /** The message is not accepted, and the response is an error (default 503). */
  publishOutage: fault.optional(),
  /** The time in a signature is `ms` (default an hour) in the future; a negative `ms` means the past. */
  clockSkew: fault.optional(),
});

/** A fault that is switched on. */
export type Fault = z.infer<typeof fault>;
/** The faults that are switched on. */
export type FaultPlan = z.infer<typeof faultPlan>;
/** The name of a fault. */
export type FaultName = keyof FaultPlan;

/** The faults of one emulator. */
export interface Faults {
  /** Replaces the switched-on faults; a seed restarts the random sequence. */
  set(plan: FaultPlan, seed?: number): void;
  clear(): void;
  /** Returns the faults that are still switched on, with the remaining `times`. */
  plan(): FaultPlan;
  /** Returns the fault if it happens now, and counts its `times` down; otherwise undefined. */
  happens(name: FaultName, url: string): Fault | undefined;
}

/**
 * Creates the faults, all off.
 *
 * @param random returns a number from 0 to 1; default a generator seeded with 1
 */
export function createFaults(random: Random = seededRandom(1)): Faults {
  let next = random;
  let plan: FaultPlan = {};
  return {
    set(faults, seed) {
      plan = structuredClone(faults);
      if (seed !== undefined) next = seededRandom(seed);
    },
    clear() {
      plan = {};
    },
    plan: () => structuredClone(plan),
    happens(name, url) {
      const found = plan[name];
      if (found === undefined || !url.startsWith(found.url ?? '')) return undefined;
      if (found.probability !== undefined && next() >= found.probability) return undefined;
      if (found.times === 1) delete plan[name];
      else if (found.times !== undefined) found.times -= 1;
      return found;
    },
  };
}
