/** A command of the command line: its words, its options, and its work. `commands.ts` lists all commands. */
import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';
import type { Workplace } from './workplace.ts';

/** The options by name, in the form of `parseArgs`, each with a line of help. */
export type Options = Record<string, ParseArgsOptionsConfig[string] & { help: string; value?: string }>;

/** The parsed arguments: options by name, and the other words. */
export interface Input {
  options: Readonly<Record<string, string | boolean | undefined>>;
  words: readonly string[];
}

/** The output of a command: lines of text, and one object for programs (`--json`). */
export interface Report {
  lines: readonly string[];
  json: object;
}

/** One command. */
export interface Command {
  /** The words that call the command: `key create`. */
  name: string;
  /** The required words after the name: `<id>`. */
  words?: readonly string[];
  summary: string;
  options: Options;
  run(input: Input, place: Workplace): Promise<Report>;
}

/**
 * Returns the text of a required option.
 * @throws {UsageError} if the option is missing or empty.
 */
export function required({ options }: Input, name: string): string {
  const value = options[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`--${name} is missing`);
}
