/**
 * `npm run redis:backup -- <file>`: writes what Redis alone has to a file, sealed with SEAL_KEYS. The command uses the
 * servers that the environment names, or the running local cloud. docs/recovery.md says what a backup has.
 */
import { parseArgs } from 'node:util';
import { backUp } from '../backup/backup.ts';
import { backupSealer, backupServices } from '../backup/services.ts';
import { messageOf } from '../cloud/errors.ts';
import { findEnvironment } from '../cloud/found-environment.ts';

try {
  const [file, ...more] = parseArgs({ allowPositionals: true }).positionals;
  if (file === undefined || more.length > 0) throw new Error('Give one file: npm run redis:backup -- <file>');
  const environment = await findEnvironment();
  const keys = await backUp(backupServices(environment), backupSealer(environment), file);
  console.log(`${keys} keys backed up to ${file}`);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
