/**
 * Runs one call of the command line, from its words to its exit code: 0 for success, 2 for a usage error (an unknown
 * command, option, tenant or key), 1 for a failure.
 */
import { parseArgs } from 'node:util';
import { ProblemError } from '../src/platform/http/index.ts';
import { CommitRefusedError } from '../src/platform/outbox/index.ts';
import { toDatabaseError } from '../src/platform/sql/index.ts';
import type { Command, Input, Report } from './command.ts';
import { commands } from './commands.ts';
import { helpOf, overview } from './help.ts';
import { UsageError } from './usage-error.ts';
import { openWorkplace } from './workplace.ts';

/** The output of a call, and its exit code. */
export interface Ending {
  exitCode: 0 | 1 | 2;
  out: string;
  error: string;
}

/** Runs a call, and returns its output and exit code. */
export async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Ending> {
  try {
    return { exitCode: 0, out: await answer(words, environment), error: '' };
  } catch (error) {
    return { ...explain(error), out: '' };
  }
}

async function answer(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const [first] = words;
  if (first === '--help' || first === '-h' || first === 'help') return overview(commands);
  const command = commands.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (!command) {
    const typed = words.slice(0, 2).join(' ');
    throw new UsageError(`${typed ? `There is no command ${typed}` : 'Name a command'}\n\n${overview(commands)}`);
  }
  const { input, help, json } = parse(command, words.slice(command.name.split(' ').length));
  if (help) return helpOf(command);
  const expected = command.words ?? [];
  if (input.words.length !== expected.length) {
    throw new UsageError(
      `${command.name} takes ${expected.length === 0 ? 'no arguments, only' : `${expected.join(' ')} and`} options`,
    );
  }
  const place = openWorkplace(environment);
  try {
    return render(await command.run(input, place), json);
  } finally {
    await place.close();
  }
}

function parse(command: Command, args: readonly string[]): { input: Input; help: boolean; json: boolean } {
  const { values, positionals } = parsed(command, args);
  const { help, json, ...options } = values;
  return {
    input: { options: options as Input['options'], words: positionals },
    help: help === true,
    json: json === true,
  };
}

function parsed(command: Command, args: readonly string[]) {
  const general = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options: { ...command.options, ...general }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function render({ lines, json }: Report, asJson: boolean): string {
  return asJson ? JSON.stringify(json) : lines.join('\n');
}

/**
 * Returns the exit code and the message of an error. A message of the database is left out, because it could quote
 * values.
 */
function explain(error: unknown): Pick<Ending, 'exitCode' | 'error'> {
  if (error instanceof UsageError) return { exitCode: 2, error: error.message };
  if (error instanceof ProblemError) return { exitCode: 2, error: error.message };
  if (error instanceof CommitRefusedError) {
    return { exitCode: 1, error: 'Redis at UPSTASH_REDIS_REST_URL did not confirm the change; nothing was changed' };
  }
  switch (toDatabaseError(error)?.code) {
    case undefined:
      return { exitCode: 1, error: error instanceof Error ? error.message : String(error) };
    case 'DB_UNAVAILABLE':
      return { exitCode: 1, error: 'The database at DATABASE_URL did not answer' };
    case 'DB_UNIQUE':
      return { exitCode: 2, error: 'This already exists' };
    case 'DB_CONFLICT':
      return { exitCode: 1, error: 'A concurrent change caused a conflict; try again' };
    default:
      return { exitCode: 1, error: 'The database refused the change; is its schema current? npm run db:deploy' };
  }
}
