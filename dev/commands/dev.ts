/**
 * `npm run dev`: starts the local cloud and the Worker. `--no-cron` turns the schedules off, `--fresh` first removes
 * the data of the last start. `--port` is the port of the application, `--config` wrangler's configuration file and
 * `--env` an environment in that file.
 */
import { parseArgs } from 'node:util';
import { Client } from '@upstash/qstash';
import { syncTickSchedule } from '../../src/platform/jobs/qstash/tick-schedule.ts';
import { applicationDatabase } from '../cloud/database-setup.ts';
import { messageOf } from '../cloud/errors.ts';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import { DEFAULT_WORKER_PORT, listenOnFreePort, readPort } from '../cloud/ports.ts';
import { readableLog } from '../log/readable.ts';
import { buildDocs } from '../worker/docs.ts';
import { type Front, startFront } from '../worker/front.ts';
import { startWorker } from '../worker/process.ts';
import { runCommand } from './command.ts';

function readArguments() {
  const { values } = parseArgs({
    options: {
      'no-cron': { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      port: { type: 'string', default: String(DEFAULT_WORKER_PORT) },
      config: { type: 'string', short: 'c' },
      env: { type: 'string', short: 'e' },
    },
  });
  return values;
}

let front: Front;
let options: ReturnType<typeof readArguments>;
try {
  options = readArguments();
  // The front binds its port before any other part starts, and keeps the port until all other parts have ended.
  front = await listenOnFreePort('worker', { port: readPort(options.port), log: console.log }, startFront);
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
const { config, env } = options;

await runCommand({
  database: applicationDatabase,
  api: {
    front,
    ...(options['no-cron'] ? {} : { startTicks }),
    start: (cloud, { log, onCrash }) =>
      startWorker({ cloud, front, config, env, onCode: () => buildDocs(log), log: readableLog(log), onCrash }),
  },
});

/**
 * Creates the schedule that calls `/schedules/tick`, at the local QStash. A deployment without a cron trigger has the
 * same schedule at QStash.
 */
async function startTicks({ qstash }: LocalCloud, url: string): Promise<void> {
  const client = new Client({ baseUrl: qstash.url, token: qstash.token, devMode: false, enableTelemetry: false });
  await syncTickSchedule(client, { action: 'sync', deliverTo: url });
}
