/**
 * The experiment, the same for every contestant: jobs start one after another, then the process that runs them is
 * killed, while another process waits. The measurement is the time until each job's second run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../servers/child.ts';
import type { Begun } from './witness.ts';

/** How many jobs of a kind are running when the process is killed. */
export const JOBS = 20;
/** How long each job has been running by then: half a second to thirteen, in equal steps. */
const agesMs = Array.from({ length: JOBS }, (_, n) => 500 + n * 650);
/** The longest of these times, plus time to start. */
export const LONGEST_AGE_MS = 15_000;
/** Longer than the settings of every contestant. */
const PATIENCE_MS = 150_000;
const LOOK_EVERY_MS = 250;

/** Two processes that run the same jobs. */
export interface Pair {
  killed: Child<unknown>;
  survivor: Child<unknown>;
  /** Enqueues the n-th job, one of each kind. */
  enqueue(n: number): Promise<unknown>;
  /** How many jobs the process must be running when it is killed. */
  running: number;
}

/**
 * Runs the experiment. The processes give the jobs their names.
 * @param killAt in ms since the epoch, at least {@link LONGEST_AGE_MS} from now.
 * @returns how long each job waited for its second run, in ms.
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
