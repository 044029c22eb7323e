/**
 * A service outside the app on which jobs have effects. The service records every request and behaves like a good
 * resource: the same idempotency key has the same effect, and a fence lower than an earlier one is refused.
 */

/** A request and its verdict. */
export interface Asked {
  job: string;
  step: string;
  /** The idempotency key. */
  key: string;
  fence: number;
  /** The run that sent the request. */
  run: string;
  /** Ms since the epoch. */
  at: number;
  verdict: 'applied' | 'repeated' | 'refused';
}

/** The service described at the top of this file. */
export interface EffectLog {
  readonly asked: Asked[];
  /** Applies the effect and returns its receipt. @throws if the fence is too low. */
  ask(request: Omit<Asked, 'verdict'>): string;
}

/** A resource without requests so far. */
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
