/**
 * The commands that a run on real redis-servers has used, from the command statistics of each server. `.ci/run` names
 * the file in REDIS_COMMANDS_FILE and then runs this module, which fails if the app's user has a command that no test
 * used. A command that the user lacks fails in its test.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createClient } from '@redis/client';
import { grantOf } from '../../src/platform/redis/access/index.ts';

/** Adds the commands of one server to the file, if a file is named. */
export async function recordUsedCommands(redisUrl: string): Promise<void> {
  const { REDIS_COMMANDS_FILE: file } = process.env;
  if (!file) return;
  const client = createClient({ url: redisUrl, RESP: 2, disableClientInfo: true }).on('error', () => {});
  await client.connect();
  const text = String(await client.sendCommand(['INFO', 'commandstats']));
  client.destroy();
  appendFileSync(file, `${usedIn(text).join('\n')}\n`);
}

/** Returns the commands that ran, in upper case. A subcommand `xgroup|create` counts for its command. */
function usedIn(statistics: string): string[] {
  const lines = [...statistics.matchAll(/^cmdstat_([\w-]+)(?:\|[\w-]+)?:calls=(\d+)/gm)];
  return lines.filter(([, , calls]) => Number(calls) > 0).map(([, name = '']) => name.toUpperCase());
}

if (import.meta.main) {
  const used = new Set(readFileSync(process.argv[2] ?? '', 'utf8').split('\n'));
  const unused = grantOf().commands.filter((command) => !used.has(command));
  console.log(
    `Of ${grantOf().commands.length} commands of the app's user, no test used: ${unused.join(' ') || 'none'}`,
  );
  process.exitCode = unused.length > 0 ? 1 : 0;
}
