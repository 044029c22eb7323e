/** Counts the runs of jobs. */
import type { Counters, LabelsOf } from '../counters/index.ts';
import type { Claim, ClaimAnswer } from './claim.ts';
import type { Ending, Finished } from './finish.ts';

/** Counts a crash that a claim has noticed. */
export function countClaim(counters: Counters, job: string, answer: ClaimAnswer): void {
  const crashed = answer.kind === 'claimed' ? answer.crashed : answer.kind === 'crashed';
  if (crashed) counters.count('jobs.crashes', { job });
  if (answer.kind === 'crashed') counters.count('jobs.runs', { job, outcome: 'dead' });
}

/** Counts the start of a run. `waitMs` is the time since the job was due. */
export function countStart(counters: Counters, job: string, { attempt }: Claim, waitMs: number): void {
  if (attempt > 1) counters.count('jobs.retries', { job });
  else counters.time('jobs.wait', { job }, Math.max(0, waitMs));
}

/** Counts the end of a run. `finished` is `null` if the run no longer held the claim. */
export function countEnd(counters: Counters, job: string, ending: Ending, finished: Finished | null): void {
  counters.count('jobs.runs', { job, outcome: outcomeOf(ending, finished) });
}

function outcomeOf(ending: Ending, finished: Finished | null): LabelsOf<'jobs.runs'>['outcome'] {
  const state = finished?.state;
  if (state === undefined) return 'stale';
  if (state === 'done' || state === 'failed' || state === 'dead' || state === 'cancelled') return state;
  return ending.to === 'continue' ? 'continued' : 'snoozed';
}
