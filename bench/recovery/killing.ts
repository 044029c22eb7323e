/**
 * Runs the experiment, which is the same for every contestant: jobs start one after another, then the process of
 * these jobs is killed, while another process waits. The measurement is the time until each job's second run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../servers/child.ts';
import type { Begun } from './witness.ts';

/** The number of jobs of each kind that run when the process is killed. */
export const JOBS = 20;
/** The running time of each job before the kill: half a second to thirteen seconds, in equal steps. */
const agesMs = Array.from({ length: JOBS }, (_, n) => 500 + n * 650);
/** The longest running time, plus time for the start. */
export const LONGEST_AGE_MS = 15_000;
/** The time limit for all second runs, which is longer than the settings of every contestant require. */
const PATIENCE_MS = 150_000;
const LOOK_EVERY_MS = 250;

/** Two processes that run the same jobs. */
export interface Pair {
  killed: Child<unknown>;
  survivor: Child<unknown>;
  /** Enqueues the n-th job of each kind. */
  enqueue(n: number): Promise<unknown>;
  /** The number of jobs that the process must be running at the kill. */
  running: number;
}

/**
 * Runs the experiment. The processes choose the names of the jobs.
 * @param killAt in ms since the epoch, at least {@link LONGEST_AGE_MS} from now.
 * @returns the waiting time of each job for its second run, in ms, by name.
 */
export async function killAndWait(pair: Pair, killAt: number): Promise<Map<string, number>> {
  const { killed, survivor } = pair;
  await Promise.all(agesMs.map((age, n) => sleep(killAt - age - Date.now()).then(() => pair.enqueue(n))));
  await sleep(killAt - Date.now());
  const running = Object.keys(await killed.ask<Begun>('begun'));
  if (running.length !== pair.running) throw new Error(`${running.length} of ${pair.running} jobs were running`);
  const killedAt = Date.now();
  await killed.kill();
  await survivor.ask('take over');
  for (;;) {
    const begun = await survivor.ask<Begun>('begun');
    const waits = running.flatMap((job) => (begun[job] === undefined ? [] : [[job, begun[job] - killedAt] as const]));
    if (waits.length === running.length) return new Map(waits);
    if (Date.now() - killedAt > PATIENCE_MS) {
      throw new Error(`${running.length - waits.length} of ${running.length} jobs were not run again`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
