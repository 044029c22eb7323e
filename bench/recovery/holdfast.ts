/** Measures Holdfast's jobs after their process is killed: the emulator sees a broken connection and redelivers. */
import { z } from 'zod';
import { freePort } from '../../dev/http/free-port.ts';
import { enqueue, job } from '../../src/platform/jobs/index.ts';
import { openJobApp } from '../jobs/app.ts';
import { startChild } from '../servers/child.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import { JOBS, killAndWait } from './killing.ts';
import { createWitness, type Role, type Witness } from './witness.ts';

/** The waiting times of the jobs for their second run, in ms. */
export interface HoldfastWaits {
  /** The jobs with a lease of 30 s: a time limit of 15 s plus 15 s. */
  sameLease: number[];
  /** The jobs with the default time limit of 1 min: a lease of 75 s. */
  byDefault: number[];
}

/** Declares two jobs, with different leases. */
export function jobsToKill(witness: Pick<Witness, 'begin'>) {
  const input = z.object({ n: z.number() });
  const sameLease = job('bench.same-lease', {
    input,
    timeout: '15s',
    run: ({ n }) => witness.begin(`same-lease ${n}`),
  });
  const byDefault = job('bench.by-default', { input, run: ({ n }) => witness.begin(`by-default ${n}`) });
  return [sameLease, byDefault] as const;
}

/** Measures Holdfast's jobs. */
export async function killHoldfast(cloud: CloudAddresses, killAt: number): Promise<HoldfastWaits> {
  const port = await freePort();
  const start = (role: Role) => startChild(new URL('./holdfast-process.ts', import.meta.url), { cloud, port, role });
  const [killed, survivor] = await Promise.all([start('killed'), start('survivor')]);
  const jobs = jobsToKill(createWitness('survivor'));
  const app = openJobApp(cloud, port, jobs);
  const enqueueBoth = async (n: number) => {
    const { ended } = await app.commit((tenant) => Promise.all(jobs.map((each) => enqueue(tenant, each, { n }))));
    await ended;
  };
  try {
    const waits = [...(await killAndWait({ killed, survivor, enqueue: enqueueBoth, running: 2 * JOBS }, killAt))];
    const of = (kind: string) => waits.filter(([name]) => name.startsWith(kind)).map(([, ms]) => ms);
    return { sameLease: of('same-lease'), byDefault: of('by-default') };
  } finally {
    await survivor.close();
    await app.close();
  }
}
