/** `npm run dev`: the local cloud and the Worker on it. Arguments go to wrangler, e.g. `npm run dev -- --config other.toml`. */
import { runCommand } from './command.ts';
import { DEFAULT_WORKER_PORT } from './ports.ts';
import { findWorkerPort, startWorker, workerUrl } from './worker-process.ts';

const port = await findWorkerPort(DEFAULT_WORKER_PORT, console.log);

await runCommand({
  url: workerUrl(port),
  start: (cloud, callbacks) => startWorker({ cloud, port, wranglerArgs: process.argv.slice(2), ...callbacks }),
});
