/** A command of the command line: its words, its options, and its work. `commands.ts` lists all commands. */
import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';
import type { Workplace } from './workplace.ts';

/**
 * The options by name, in the form of `parseArgs`, each with a line of help. `value` names the value in the help;
 * `choices` lists all allowed values.
 */
export type Options = Record<
  string,
  ParseArgsOptionsConfig[string] & { help: string; value?: string; choices?: readonly string[] }
>;

/** The parsed arguments: options by name, and the other words. */
export interface Input {
  options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  words: readonly string[];
  /** True if the output is one JSON object. */
  json?: boolean;
}

/** The output of a command: lines of text, and one object for programs (`--json`). */
export interface Report {
  lines: readonly string[];
  json: object;
  /** `1` if the command found a fault. Default: 0. */
  exitCode?: 0 | 1;
}

/** One command. */
export interface Command {
  /** The words that call the command: `key create`. */
  name: string;
  /** The words after the name: `<id>`. A last word in the form `[name…]` takes any number of words. */
  words?: readonly string[];
  summary: string;
  options: Options;
  /** A complete call, without the name of the program. */
  example: string;
  run(input: Input, place: Workplace): Promise<Report>;
}

/**
 * Returns the text of a required option.
 * @throws {UsageError} if the option is missing or empty.
 */
export function required(input: Input, name: string): string {
  const value = optional(input, name);
  if (value !== undefined) return value;
  throw new UsageError(`--${name} is missing`);
}

/** Returns the text of an option; `undefined` if the option is missing or empty. */
export function optional({ options }: Input, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
