/**
 * `npm run dev`: the local cloud and the Worker on it. `--no-cron` turns the schedules off, `--fresh` first removes
 * the data of the last start. `--port` is the port of the application, `--config` wrangler's configuration file and
 * `--env` an environment of it.
 */
import { parseArgs } from 'node:util';
import { Client } from '@upstash/qstash';
import { runCommand } from './command.ts';
import { applicationDatabase } from './database-setup.ts';
import { buildDocs } from './docs.ts';
import { messageOf } from './errors.ts';
import { type Front, startFront } from './front.ts';
import type { LocalCloud } from './local-cloud.ts';
import { DEFAULT_WORKER_PORT, listenOnFreePort } from './ports.ts';
import { readableLog } from './readable-log.ts';
import { syncTickSchedule } from './tick-schedule.ts';
import { startWorker } from './worker-process.ts';

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
  if (!/^\d{1,5}$/.test(options.port)) throw new Error(`--port ${options.port} is not a port`);
  // Bound first, and held until all other parts have ended.
  front = await listenOnFreePort('worker', { port: Number(options.port), log: console.log }, startFront);
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

/** Creates the same schedule as in a deployment without a cron trigger. */
async function startTicks({ qstash }: LocalCloud, url: string): Promise<void> {
  const client = new Client({ baseUrl: qstash.url, token: qstash.token, devMode: false, enableTelemetry: false });
  await syncTickSchedule(client, { action: 'sync', deliverTo: url });
}
