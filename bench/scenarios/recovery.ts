/**
 * Measures how long a job waits for its second run after its process was killed (SIGKILL) during the first run, on
 * the wall clock, for all contestants at the same time. Almost all of the two minutes is waiting, so a quick run
 * shows the times computed from the settings instead.
 */
import type { Bench, Cell, Row } from '../bench.ts';
import { median } from '../measure/summary.ts';
import { BULLMQ_STAGING_MS, killBullmq } from '../recovery/bullmq.ts';
import { type HoldfastWaits, killHoldfast } from '../recovery/holdfast.ts';
import { JOBS } from '../recovery/killing.ts';
import { startChild } from '../servers/child.ts';
import type { CloudAddresses } from '../servers/cloud.ts';

/** The input of the measurement. */
export interface RecoveryOptions {
  redisUrl: string;
  cloud: CloudAddresses;
}

/** The time for processes to start, in ms. */
const HEAD_START_MS = 4_000;

/** Measures the jobs in a child process; a quick run only shows computed times. */
export async function recoveryApart(bench: Bench): Promise<Row[]> {
  if (bench.quick) return [bySettings()];
  const { cloud } = await bench.house();
  bench.progress('jobs whose process is killed: two minutes, most of them waiting');
  const child = await startChild<Row[]>(new URL('./recovery-process.ts', import.meta.url), {
    redisUrl: bench.redisUrl,
    cloud,
  });
  await child.close();
  return child.ready;
}

/** Measures the jobs in this process. */
export async function recovery({ redisUrl, cloud }: RecoveryOptions): Promise<Row[]> {
  const killAt = Date.now() + HEAD_START_MS + BULLMQ_STAGING_MS;
  const [own, bullmq] = await Promise.all([killHoldfast(cloud, killAt), killBullmq(redisUrl, killAt)]);
  return rowsOf(own, bullmq);
}

function rowsOf({ sameLease, byDefault }: HoldfastWaits, bullmq: readonly number[]): Row[] {
  const row = (id: string, title: string, holdfast: Cell, peer: Cell): Row => ({
    id,
    title: `${title}: median / worst of ${JOBS}, s`,
    cells: { holdfast, bullmq: peer },
    better: 'less',
    tolerance: 0.1,
  });
  return [
    row('recovery', 'leases of 30 s', cell(sameLease), cell(bullmq)),
    row('recovery-default', 'defaults, with leases of 75 s and 30 s', cell(byDefault), cell(bullmq)),
  ];
}

function cell(waits: readonly number[]): Cell {
  const value = median(waits);
  return { text: `${seconds(value)} / ${seconds(Math.max(...waits))}`, value };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(0);
}

function bySettings(): Row {
  return {
    id: 'recovery-settings',
    title: 'run again after (by their settings; a full run measures it)',
    cells: {
      holdfast: { text: 'at most timeout + 15 s: 75 s by default' },
      bullmq: {
        text: 'at most lockDuration + stalledInterval: 60 s by default; longer if a look for stalled jobs is missed',
      },
    },
  };
}
