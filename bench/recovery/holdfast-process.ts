/** A process of the app. The process that takes over uses the same URL, like the instances of a function. */
import { openJobApp } from '../jobs/app.ts';
import { serveParent } from '../servers/child.ts';
import type { CloudAddresses } from '../servers/cloud.ts';
import { jobsToKill } from './holdfast.ts';
import { createWitness, type Role } from './witness.ts';

const MINUTE_MS = 60_000;

await serveParent(async ({ cloud, port, role }: { cloud: CloudAddresses; port: number; role: Role }) => {
  const witness = createWitness(role, () => void app.listen());
  const app = openJobApp(cloud, port, jobsToKill(witness));
  if (role === 'killed') await app.listen();
  // The schedules run at each full minute, as with cron.
  const tick = () => {
    setTimeout(tick, MINUTE_MS - (Date.now() % MINUTE_MS));
    void app.platform.scheduled();
  };
  if (role === 'survivor') setTimeout(tick, MINUTE_MS - (Date.now() % MINUTE_MS));
  return { ready: true, answer: witness.answer, close: async () => {} };
});
