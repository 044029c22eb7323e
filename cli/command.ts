/** A command of the command line: its words, its options, and its work. `commands.ts` has the table of all. */
import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';
import type { Workplace } from './workplace.ts';

/** An option, as `parseArgs` takes it, with a line of help. */
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
  /** The words that call it: `key create`. */
  name: string;
  /** The words that follow: `<id>`. All are required. */
  words?: readonly string[];
  summary: string;
  options: Options;
  run(input: Input, place: Workplace): Promise<Report>;
}

/**
 * The text of a required option.
 * @throws {UsageError}
 */
export function required({ options }: Input, name: string): string {
  const value = options[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`--${name} is missing`);
}
