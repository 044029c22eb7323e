/** The facts of jobs and of events, whose work goes on after the mend. */
import { enqueue, jobServices, readJob } from '../../src/platform/jobs/index.ts';
import type { Fact } from './fact.ts';
import { drillJob } from './job.ts';
import type { World } from './world.ts';

export const jobFacts = {
  'job result': {
    nature: 'job',
    healthy: 'kept',
    async make(world) {
      const id = await addJob(world, 'Row of an ended job');
      await world.minutes(1);
      return async () => {
        const record = await world.within((scope) => readJob(jobServices(scope), world.tenant.id, id));
        return record?.state === 'done' ? 'kept' : 'lost';
      };
    },
  },
  'ended job': {
    nature: 'queue',
    healthy: 'ran once',
    async make(world) {
      return async () => ranWord(world, 'Row of an ended job');
    },
  },
  'queued job': {
    nature: 'queue',
    healthy: 'ran once',
    async make(world) {
      await addJob(world, 'Row of a queued job', '3m');
      return async () => {
        for (
          let minute = 0;
          minute < 30 && (await ranWord(world, 'Row of a queued job')) === 'did not run';
          minute += 1
        ) {
          await world.minutes(1);
        }
        // A second message would be delivered by now.
        await world.minutes(1);
        return ranWord(world, 'Row of a queued job');
      };
    },
  },
  'events of a projection': {
    nature: 'stream',
    healthy: 'each applied once',
    async make(world) {
      await world.addDeal({}, { stage: 'won' });
      return async () => {
        for (let minute = 0; minute < 10 && (await closings(world)) < 1; minute += 1) await world.minutes(1);
        const count = await closings(world);
        return count === 1 ? 'each applied once' : `${count} applied`;
      };
    },
  },
} as const satisfies Record<string, Fact>;

/** Enqueues the job of the drill, whose effect is a row with this title, and returns its id. */
async function addJob(world: World, title: string, delay: '0s' | '3m' = '0s'): Promise<string> {
  return world.within(async (scope) => {
    const id = scope.system.rowId('drill');
    await scope.tenant(world.tenant.id).commit((tx) => enqueue(tx, drillJob, { title }, { id, delay }));
    return id;
  });
}

/** The deals that the projection has seen closed. */
async function closings(world: World): Promise<number> {
  return (await world.ask('SELECT deal_id FROM deal_closings WHERE tenant_id = $1', [world.tenant.id])).length;
}

async function ranWord(world: World, title: string): Promise<string> {
  const rows = await world.ask('SELECT id FROM deals WHERE tenant_id = $1 AND title = $2', [world.tenant.id, title]);
  return ['did not run', 'ran once'][rows.length] ?? `ran ${rows.length} times`;
}
