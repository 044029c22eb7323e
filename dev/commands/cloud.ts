/** `npm run cloud`: the local cloud without the application, for tests, scripts and other programs. */
import { runCommand } from './command.ts';

await runCommand();
