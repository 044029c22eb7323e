/** Renews the leases of a load for as long as it runs, so that no other caller loads meanwhile. */
import { type Held, renewLeases } from './hold-lease.ts';
import { LEASE_MS } from './lease.ts';
import type { CacheServices } from './services.ts';

/** The time between two renewals, in ms. A lease survives the loss of one renewal. */
const RENEW_MS = LEASE_MS / 3;
/** A load that takes longer than this hangs, and other callers may load. In ms. */
const LONGEST_LOAD_MS = 60_000;

/**
 * Renews leases until the returned function is called, until the caller holds none of them, or for a minute. Costs 1
 * request and 1 command for each third of a lease; nothing for a shorter load. The renewals belong to the scope that
 * loads: a platform that ends or freezes the scope stops its timers, and the leases end by themselves.
 */
export function keepLeases({ redis, system, after }: CacheServices, held: readonly Held[]): () => void {
  const until = system.now() + LONGEST_LOAD_MS;
  let isLoading = true;
  let disarm = arm();

  function arm(): () => void {
    return system.timer(RENEW_MS, () => {
      if (system.now() < until) after(renew());
    });
  }
  async function renew(): Promise<void> {
    // After a lost answer the leases may still be held.
    const count = await renewLeases(redis, held).catch(() => held.length);
    if (isLoading && count > 0) disarm = arm();
  }

  return () => {
    isLoading = false;
    disarm();
  };
}
