/** Parses the words of a call: the command that they name, its options, and its other words. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Command, Input } from './command.ts';
import { overview } from './help.ts';
import { suggestion } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** The options of every command. */
const GENERAL = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  'env-file': { type: 'string' },
} as const;

/** A parsed call of a command. */
export interface Call {
  command: Command;
  input: Input;
  help: boolean;
  json: boolean;
  /** The file with further environment variables. */
  envFile: string | undefined;
}

/**
 * Parses the words of a call.
 * @throws {UsageError} for an unknown command or option, and for a wrong number of words.
 */
export function parseCall(words: readonly string[], commands: readonly Command[]): Call {
  const command = commands.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (!command) throw unknownCommand(words, commands);
  const { values, positionals } = parseOptions(command, words.slice(command.name.split(' ').length));
  const { help, json, 'env-file': envFile, ...options } = values;
  const call: Call = {
    command,
    input: { options: options as Input['options'], words: positionals, json: json === true },
    help: help === true,
    json: json === true,
    envFile: typeof envFile === 'string' ? envFile : undefined,
  };
  if (!call.help) checkInput(command, call.input);
  return call;
}

function unknownCommand(words: readonly string[], commands: readonly Command[]): UsageError {
  const end = words.findIndex((word) => word.startsWith('-'));
  const typed = words.slice(0, Math.min(2, end < 0 ? 2 : end)).join(' ');
  if (typed === '') return new UsageError(`Name a command\n\n${overview(commands)}`);
  const group = commands.filter(({ name }) => name.startsWith(`${words[0]} `));
  const names = commands.map(({ name }) => name);
  return new UsageError(
    `There is no command ${typed}${suggestion(typed, names)}\n\n${overview(group.length > 0 ? group : commands)}`,
  );
}

function parseOptions(command: Command, args: readonly string[]) {
  const options: NonNullable<ParseArgsConfig['options']> = { ...command.options, ...GENERAL };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, unknown] = /^Unknown option '--([^']+)'/.exec(message) ?? [];
    throw new UsageError(
      unknown === undefined
        ? message
        : `There is no option --${unknown}${suggestion(unknown, Object.keys(options), '--')}`,
    );
  }
}

function checkInput(command: Command, { options, words }: Input): void {
  const expected = command.words ?? [];
  const isOpen = expected.at(-1)?.endsWith('…]') === true;
  if (isOpen ? words.length < expected.length - 1 : words.length !== expected.length) {
    throw new UsageError(
      `${command.name} takes ${expected.length === 0 ? 'no arguments, only' : `${expected.join(' ')} and`} options`,
    );
  }
  for (const [name, { choices }] of Object.entries(command.options)) {
    const value = options[name];
    if (choices && typeof value === 'string' && !choices.includes(value)) {
      throw new UsageError(`--${name} must be one of ${choices.join(', ')}${suggestion(value, choices)}`);
    }
  }
}
