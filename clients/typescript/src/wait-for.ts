/** Waiting for work that the API does in the background: jobs, imports and exports. */
import { type Parts, pause } from './parts.ts';
import type { AnswerOf } from './types.ts';

/** The first wait between two looks, in ms. It grows by half each time. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

/** States of a job from which it goes on. A failed job is tried again; one without attempts left is `dead`. */
const STATES = ['queued', 'running', 'failed'];
/** The same for imports and exports, which end as `failed`. */
const STATUSES = ['uploading', 'queued', 'running', 'undoing'];

/** Work as the API shows it: a job has a state, an import or an export a status. */
export type Work = { state: string } | { status: string };

/** The options of a wait. */
export interface WaitOptions {
  /** Ends the wait with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Gets the work at each look, for a bar that shows the progress. */
  onProgress?: ((work: Work) => void) | undefined;
}

/** Waits for the end of work, whether it succeeded or not. */
export interface WaitFor {
  /** Waits for a job: its id, or the answer that names it. Returns the job: `done`, `dead` or `cancelled`. */
  (job: string | { jobId: string }, options?: WaitOptions): Promise<AnswerOf<'jobs.get'>>;
  /** Waits for other work, such as `() => api.exports.get({ id })`. Returns it as it ended. */
  <Shown extends Work>(look: () => PromiseLike<Shown>, options?: WaitOptions): Promise<Shown>;
}

type GetJob = (input: { id: string }, options: { signal?: AbortSignal | undefined }) => PromiseLike<Work>;

/** Creates the function. Each look costs the API one request, which is a 304 if nothing has changed. */
export function createWaitFor(getJob: GetJob, parts: Parts): WaitFor {
  async function waitFor(
    work: string | { jobId: string } | (() => PromiseLike<Work>),
    { signal, onProgress }: WaitOptions = {},
  ): Promise<Work> {
    const look =
      typeof work === 'function'
        ? work
        : () => getJob({ id: typeof work === 'string' ? work : work.jobId }, { signal });
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
      signal?.throwIfAborted();
      const shown = await look();
      onProgress?.(shown);
      if (!goesOn(shown)) return shown;
      // Clients that began together do not ask together.
      await pause(parts, wait * (0.5 + parts.random() / 2), signal);
    }
  }
  return waitFor as WaitFor;
}

function goesOn(work: Work): boolean {
  return 'state' in work ? STATES.includes(work.state) : STATUSES.includes(work.status);
}
