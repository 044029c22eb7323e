/** `schedules run`: runs a schedule now, as a job of the operating tenant. */
import { runScheduleNow } from '../src/platform/jobs/admin/index.ts';
import type { Command } from './command.ts';
import { suggestion } from './nearest.ts';
import { UsageError } from './usage-error.ts';

export const schedulesRun: Command = {
  name: 'schedules run',
  words: ['<name>'],
  summary: 'Runs a schedule now, as a job of OPERATOR_TENANT',
  options: {},
  example: 'schedules run outbox.drain',
  async run({ words }, place) {
    const app = await place.app();
    const [name = ''] = words;
    if (!app.schedules.has(name)) {
      throw new UsageError(`There is no schedule ${name}${suggestion(name, app.schedules.keys())}`);
    }
    const jobId = await runScheduleNow(await app.operators(), app.schedules, app.jobs, name);
    return { lines: [`The job ${jobId} runs ${name}`], json: { jobId } };
  },
};
