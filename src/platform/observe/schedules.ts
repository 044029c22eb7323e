/** The schedules that sample Redis. */
import { type Schedule, schedule } from '../jobs/index.ts';
import { sampleMemory } from './sample-memory.ts';
import { sampleServer } from './sample-server.ts';

/** Samples Redis's own figures each minute. */
const serverSchedule = schedule('redis.sample', {
  cron: '* * * * *',
  async run({ scope }) {
    await sampleServer(scope);
    return undefined;
  },
});

/** Estimates the memory of each family of keys. */
const memorySchedule = schedule('redis.sample-memory', {
  cron: '*/15 * * * *',
  timeout: '2m',
  run: ({ scope, signal }) => sampleMemory(scope, { signal }),
});

/** The schedules of this room. */
export const observeSchedules: readonly Schedule[] = [serverSchedule, memorySchedule];
