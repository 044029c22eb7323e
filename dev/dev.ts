/**
 * `npm run dev`: the local cloud and the Worker on it. With `--no-cron` the schedules do not run, with
 * `--fresh` the data of the last start is removed first. Other arguments go to
 * wrangler, e.g. `npm run dev -- --config other.toml`.
 */
import { FRESH, runCommand } from './command.ts';
import { DEFAULT_WORKER_PORT } from './ports.ts';
import { readableLog } from './readable-log.ts';
import { findWorkerPort, startWorker, workerUrl } from './worker-process.ts';

const NO_CRON = '--no-cron';
const wranglerArgs = process.argv.slice(2).filter((argument) => argument !== NO_CRON && argument !== FRESH);
const port = await findWorkerPort(DEFAULT_WORKER_PORT, console.log);

await runCommand({
  url: workerUrl(port),
  ticks: !process.argv.includes(NO_CRON),
  start: (cloud, { log, onCrash }) => startWorker({ cloud, port, wranglerArgs, log: readableLog(log), onCrash }),
});
