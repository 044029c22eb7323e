/** `npm run cloud`: starts the local cloud without the application, for tests, scripts and other programs. */

import { applicationDatabase } from '../cloud/database-setup.ts';
import { runCommand } from './command.ts';

await runCommand({ database: applicationDatabase });
