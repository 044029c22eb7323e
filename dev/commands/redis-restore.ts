/**
 * `npm run redis:restore -- <file>`: restores a backup of `npm run redis:backup`. Everyone signs in again, unless
 * `--keep-sessions` is given; then sessions that were revoked since the backup are valid again.
 */
import { parseArgs } from 'node:util';
import { restoreBackup } from '../backup/restore.ts';
import { backupSealer, backupServices } from '../backup/services.ts';
import { messageOf } from '../cloud/errors.ts';
import { findEnvironment } from '../cloud/found-environment.ts';

try {
  const options = { 'keep-sessions': { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new Error('Give one file: npm run redis:restore -- <file> [--keep-sessions]');
  }
  const environment = await findEnvironment();
  const { restored, kept, leftOut, ended } = await restoreBackup(
    backupServices(environment),
    backupSealer(environment),
    file,
    { keepSessions: values['keep-sessions'] },
  );
  console.log(`${restored} keys restored, ${kept} newer keys stay as they are, ${leftOut} left out`);
  if (!values['keep-sessions']) console.log(`The sessions of ${ended} tenants have ended`);
  console.log('A new era has begun: no earlier cache entry is served');
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
