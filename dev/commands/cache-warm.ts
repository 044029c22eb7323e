/**
 * `npm run cache:warm`: loads the values that each tenant's users are likely to read next. The command uses the servers
 * that the environment names. Without `UPSTASH_REDIS_REST_URL`, it uses the running local cloud of `npm run dev` or
 * `npm run cloud`.
 */
import { SingleBar } from 'cli-progress';
import type { Environment } from '../../src/app/env.ts';
import { createPlatform } from '../../src/app/platform.ts';
import { WARMING_STEPS, warmTenant } from '../../src/crm/index.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { messageOf } from '../cloud/errors.ts';
import { findEnvironment } from '../cloud/found-environment.ts';

try {
  await warm(await findEnvironment());
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function warm(environment: Environment): Promise<void> {
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
    for (const { id } of tenants) {
      for await (const { step, loaded, present } of warmTenant(scope.tenant(id), now)) {
        const total = totals.get(step) ?? { loaded: 0, present: 0 };
        totals.set(step, { loaded: total.loaded + loaded, present: total.present + present });
        bar.increment({ tenant: id, step });
      }
    }
    bar.stop();
    for (const [step, { loaded, present }] of totals) {
      console.log(
        `${step.padEnd(11)} ${String(loaded).padStart(4)} loaded ${String(present).padStart(4)} already there`,
      );
    }
    const { requests, commands, failures } = scope.redisMeter;
    const { queries } = scope.database.meter;
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(
      `${tenants.length} tenants, ${requests} Redis requests, ${commands} commands, ${queries} queries, ${seconds} s`,
    );
    if (failures > 0) {
      console.error(`Redis failed ${failures} times: some values are not loaded.`);
      process.exitCode = 1;
    }
  } finally {
    await scope.end();
    await pool.close();
  }
}
