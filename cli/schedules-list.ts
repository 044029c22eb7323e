/** `schedules list`: lists the schedules with their last outcome and next time. */
import { readSchedules } from '../src/platform/jobs/index.ts';
import type { Command } from './command.ts';

export const schedulesList: Command = {
  name: 'schedules list',
  summary: 'Lists the schedules with their last outcome and next time',
  options: {},
  example: 'schedules list',
  async run(_input, place) {
    const app = await place.app();
    const items = await readSchedules(app.scope, app.schedules.values());
    const width = Math.max(...items.map(({ name }) => name.length));
    const lines = items.map(({ name, cron, last, nextTick, paused }) => {
      const outcome = paused ? 'paused' : (last?.outcome ?? 'never run');
      return `${name.padEnd(width)}  ${cron.padEnd(12)}  ${outcome.padEnd(9)}  next ${momentOf(nextTick)}`;
    });
    return { lines, json: { items } };
  },
};

function momentOf(ms: number | null): string {
  return ms === null ? 'never' : new Date(ms).toISOString();
}
