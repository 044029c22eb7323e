/**
 * `npm run cache:warm`: loads what each tenant's people are about to ask for. It works on whatever the environment
 * names; without one, on the local cloud that `npm run dev` or `npm run cloud` started.
 */
import { SingleBar } from 'cli-progress';
import { seedTime } from '../prisma/demo.ts';
import { ACTIVE_FOR_MS, WARMING_STEPS, warmTenant } from '../src/crm/index.ts';
import { openDatabasePool } from '../src/db/index.ts';
import { readEnvironment } from '../src/env.ts';
import { createNodeFetch } from '../src/node-fetch.ts';
import { createPlatform } from '../src/platform.ts';
import { LOCAL_SECRETS } from './secrets.ts';

const local = {
  HOLDFAST_MODE: 'local',
  APP_URL: 'http://127.0.0.1:8787',
  UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:8079',
  UPSTASH_REDIS_REST_TOKEN: LOCAL_SECRETS.redisToken,
  AUTH_KEYS: LOCAL_SECRETS.authKeys,
  SEAL_KEYS: LOCAL_SECRETS.sealKeys,
  MAIL_TOKEN: LOCAL_SECRETS.mailToken,
  DATABASE_URL: 'postgres://postgres:postgres@127.0.0.1:5432/postgres',
  REDIS_TIMEOUT_MS: '30000',
};
const isLocal = !process.env['UPSTASH_REDIS_REST_URL'];
const environment = readEnvironment(isLocal ? { ...local, ...process.env } : process.env);
const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
const platform = createPlatform({ environment, pool, fetch: createNodeFetch() });
const scope = platform.scope();
const started = Date.now();
const totals = new Map<string, { loaded: number; present: number }>();
try {
  const tenants = await (await scope.database.client()).tenant.findMany({
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  const bar = new SingleBar({ format: '{bar} {percentage}% | {tenant} {step}', hideCursor: true, noTTYOutput: true });
  bar.start(tenants.length * WARMING_STEPS, 0, { tenant: '', step: '' });
  const now = scope.system.now();
  // The demo's people were last seen when their data was made, which is the same day for everybody.
  const activeSince = (isLocal ? seedTime.getTime() : now) - ACTIVE_FOR_MS;
  for (const { id } of tenants) {
    for await (const { step, loaded, present } of warmTenant(scope.tenant(id), now, activeSince)) {
      const total = totals.get(step) ?? { loaded: 0, present: 0 };
      totals.set(step, { loaded: total.loaded + loaded, present: total.present + present });
      bar.increment({ tenant: id, step });
    }
  }
  bar.stop();
  for (const [step, { loaded, present }] of totals) {
    console.log(`${step.padEnd(11)} ${String(loaded).padStart(4)} loaded ${String(present).padStart(4)} already there`);
  }
  const { requests, commands, failures } = scope.redisMeter;
  const { queries } = scope.database.meter;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `${tenants.length} tenants, ${requests} Redis requests, ${commands} commands, ${queries} queries, ${seconds} s`,
  );
  if (failures > 0) {
    console.error(`Redis failed ${failures} times: not everything is warm.`);
    process.exitCode = 1;
  }
} finally {
  await scope.end();
  await pool.close();
}
