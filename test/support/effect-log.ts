/**
 * A service outside of the app that jobs have effects on, and that remembers everything asked of it. It does what a good
 * resource does: the same idempotency key has the same effect, and a fence lower than one it has seen is refused.
 */

/** What was asked, and what came of it. */
export interface Asked {
  job: string;
  step: string;
  /** The idempotency key. */
  key: string;
  fence: number;
  /** Which run asked. */
  run: string;
  /** Ms since the epoch. */
  at: number;
  verdict: 'applied' | 'repeated' | 'refused';
}

/** See above. */
export interface EffectLog {
  readonly asked: Asked[];
  /** Has the effect; gives its receipt. @throws if the fence is too low. */
  ask(request: Omit<Asked, 'verdict'>): string;
}

/** A resource nobody has asked anything. */
export function createEffectLog(): EffectLog {
  const asked: Asked[] = [];
  const fences = new Map<string, number>();
  const receipts = new Map<string, string>();
  return {
    asked,
    ask(request) {
      const { job, key, fence } = request;
      const verdict = fence < (fences.get(job) ?? 0) ? 'refused' : receipts.has(key) ? 'repeated' : 'applied';
      asked.push({ ...request, verdict });
      if (verdict === 'refused') throw new Error('A later run has been here');
      fences.set(job, fence);
      const receipt = receipts.get(key) ?? `receipt ${receipts.size}`;
      receipts.set(key, receipt);
      return receipt;
    },
  };
}
