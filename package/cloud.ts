/** `npx holdfast cloud`: starts Redis, Postgres, QStash and a mailbox on this machine, with an empty database. */
import { runCommand } from '../dev/commands/command.ts';

await runCommand();
