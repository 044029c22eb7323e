/**
 * Runs one call of the command line, from its words to its exit code: 0 for success, 1 for a failure or a fault that the
 * command found, 2 for a wrong call (an unknown command, option, tenant or key, or a missing variable).
 */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { commands } from './commands.ts';
import { explain } from './explain.ts';
import { helpOf, overview } from './help.ts';
import { type Call, parseCall } from './parse.ts';
import type { Progress } from './progress.ts';
import { UsageError } from './usage-error.ts';
import { openWorkplace } from './workplace.ts';

/** The output of a call, and its exit code. */
export interface Ending {
  exitCode: 0 | 1 | 2;
  out: string;
  error: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Runs a call, and returns its output and exit code. `progress` shows the progress of long commands. Default: none. */
export async function run(words: readonly string[], environment: Variables, progress?: Progress): Promise<Ending> {
  const asJson = words.includes('--json');
  try {
    const [first] = words;
    if (first === '--help' || first === '-h' || first === 'help') return succeeded(overview(commands));
    const group =
      words[1] === '--help' || words[1] === '-h' ? commands.filter(({ name }) => name.startsWith(`${first} `)) : [];
    if (group.length > 0) return succeeded(overview(group));
    const call = parseCall(words, commands);
    if (call.help) return succeeded(helpOf(call.command));
    return await answer(call, withFile(environment, call.envFile), call.json ? undefined : progress);
  } catch (error) {
    const { exitCode, code, message } = explain(error);
    return { exitCode, out: '', error: asJson ? JSON.stringify({ error: { code, message } }) : message };
  }
}

async function answer({ command, input, json }: Call, environment: Variables, progress?: Progress): Promise<Ending> {
  const place = openWorkplace(environment, progress);
  try {
    const report = await command.run(input, place);
    const out = json ? JSON.stringify(report.json) : report.lines.join('\n');
    return { exitCode: report.exitCode ?? 0, out, error: '' };
  } finally {
    await place.close();
  }
}

function succeeded(out: string): Ending {
  return { exitCode: 0, out, error: '' };
}

/** Adds the variables of a file. A variable that is set takes precedence, as with Node's own `--env-file`. */
function withFile(environment: Variables, file: string | undefined): Variables {
  if (file === undefined) return environment;
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')), ...environment };
  } catch {
    throw new UsageError(`--env-file ${file} cannot be read`);
  }
}
