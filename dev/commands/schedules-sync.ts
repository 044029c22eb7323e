/**
 * `npm run schedules:sync`: makes QStash trigger the schedules of the deployment at `APP_URL` (or `JOBS_URL`) each
 * minute, for deployments without a cron trigger. The command may run after every deployment. The options `--pause`,
 * `--resume` and `--remove` change the schedule at QStash. `--dry-run` only prints the changes. `--id` names another
 * schedule, for accounts with several deployments.
 */
import { parseArgs } from 'node:util';
import { Client, QstashError } from '@upstash/qstash';
import { readQstashEnvironment } from '../../src/app/env.ts';
import {
  syncTickSchedule,
  TICK_SCHEDULE_ID,
  type TickScheduleReport,
} from '../../src/platform/jobs/qstash/tick-schedule.ts';
import { messageOf } from '../cloud/errors.ts';

/** The text for each outcome; the second text of each line is for `--dry-run`. */
const WORDS: Record<TickScheduleReport['done'], [did: string, would: string]> = {
  created: ['created', 'would be created'],
  updated: ['updated', 'would be updated'],
  paused: ['paused', 'would be paused'],
  resumed: ['resumed', 'would be resumed'],
  removed: ['removed', 'would be removed'],
  unchanged: ['is up to date, nothing changed', 'is up to date'],
  missing: ['is not there', 'is not there'],
};

let token = '';
try {
  const { values } = parseArgs({
    options: {
      pause: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      remove: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      id: { type: 'string', default: TICK_SCHEDULE_ID },
    },
  });
  const [action = 'sync', ...others] = (['pause', 'resume', 'remove'] as const).filter((each) => values[each]);
  if (others.length > 0) throw new Error('Give one of --pause, --resume and --remove');
  const environment = readQstashEnvironment(process.env);
  const deliverTo = environment.JOBS_URL ?? environment.APP_URL;
  const baseUrl = environment.QSTASH_URL;
  token = environment.QSTASH_TOKEN;
  const client = new Client({ baseUrl, token, retry: false, devMode: false, enableTelemetry: false });
  const { id, 'dry-run': dryRun } = values;
  const { done, changes, isPaused } = await syncTickSchedule(client, { action, deliverTo, id, dryRun });
  console.log([`${id} ${WORDS[done][dryRun ? 1 : 0]}`, ...changes.map((change) => `  ${change}`)].join('\n'));
  if (!dryRun && done !== 'missing' && done !== 'removed') {
    console.log(isPaused ? 'Paused: use --resume to continue' : `POST ${deliverTo}/schedules/tick each minute`);
  }
  if (done === 'missing' && action !== 'remove') {
    console.error('Run it without options to create it');
    process.exitCode = 1;
  }
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

/** Returns the explanation of an error. The text of QStash's response is left out, because it could quote the token. */
function explain(error: unknown): string {
  if (error instanceof QstashError && error.status === 401) return 'QStash does not know QSTASH_TOKEN';
  if (error instanceof TypeError && error.message === 'fetch failed') {
    return `QSTASH_URL cannot be reached: ${messageOf(error.cause)}`;
  }
  const message = messageOf(error);
  return token === '' ? message : message.replaceAll(token, '***');
}
