/** `schedules sync`: makes QStash trigger the schedules each minute, for deployments without a cron trigger. */
import { Client, QstashError } from '@upstash/qstash';
import { readQstashEnvironment } from '../src/app/env.ts';
import {
  syncTickSchedule,
  TICK_SCHEDULE_ID,
  type TickScheduleReport,
} from '../src/platform/jobs/qstash/tick-schedule.ts';
import { type Command, optional, type Report } from './command.ts';

export const schedulesSync: Command = {
  name: 'schedules sync',
  summary: 'Makes QStash trigger the schedules each minute, for deployments without a cron trigger',
  options: {
    action: {
      type: 'string',
      value: 'action',
      choices: ['sync', 'pause', 'resume', 'remove'],
      help: 'Default: sync, which creates or corrects the schedule at QStash',
    },
    'dry-run': { type: 'boolean', help: 'Only shows the changes' },
    id: { type: 'string', value: 'id', help: `Default: ${TICK_SCHEDULE_ID}` },
  },
  example: 'schedules sync --dry-run',
  async run(input, { environment }) {
    const { APP_URL, JOBS_URL, QSTASH_URL: baseUrl, QSTASH_TOKEN: token } = readQstashEnvironment(environment);
    const client = new Client({ baseUrl, token, retry: false, devMode: false, enableTelemetry: false });
    const dryRun = input.options['dry-run'] === true;
    const id = optional(input, 'id') ?? TICK_SCHEDULE_ID;
    const action = (optional(input, 'action') ?? 'sync') as 'sync' | 'pause' | 'resume' | 'remove';
    try {
      return reportOf(
        await syncTickSchedule(client, { action, deliverTo: JOBS_URL ?? APP_URL, id, dryRun }),
        id,
        dryRun,
      );
    } catch (error) {
      // The text of QStash's answer could quote the token.
      if (error instanceof QstashError) throw new Error(`QStash refused the request (${error.status})`);
      throw error;
    }
  },
};

function reportOf({ done, changes, isPaused }: TickScheduleReport, id: string, dryRun: boolean): Report {
  return {
    lines: [
      `${id}: ${done}${dryRun ? ', not changed by this dry run' : ''}`,
      ...changes.map((change) => `  ${change}`),
    ],
    json: { id, done, changes, isPaused, dryRun },
    exitCode: done === 'missing' ? 1 : 0,
  };
}
