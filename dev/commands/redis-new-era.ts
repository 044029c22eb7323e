/**
 * `npm run redis:new-era`: ends everything that is cached, also in the memory of isolates. Run it after PostgreSQL was
 * restored. After the provider has restored Redis, run it with `--restored`, which also removes old queues and streams
 * and ends all sessions; `--keep-sessions` keeps these.
 */
import { parseArgs } from 'node:util';
import { newEra } from '../backup/new-era.ts';
import { backupServices } from '../backup/services.ts';
import { messageOf } from '../cloud/errors.ts';
import { findEnvironment } from '../cloud/found-environment.ts';

try {
  const { values } = parseArgs({
    options: {
      restored: { type: 'boolean', default: false },
      'keep-sessions': { type: 'boolean', default: false },
    },
  });
  const { restored, 'keep-sessions': keepSessions } = values;
  const { removed, ended } = await newEra(backupServices(await findEnvironment()), { restored, keepSessions });
  console.log(`A new era has begun: no earlier cache entry is served. ${removed} old keys removed`);
  if (restored && !keepSessions) console.log(`The sessions of ${ended} tenants have ended`);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
