/** Formats the output of `--help`. */
import type { Command } from './command.ts';

const CALL = 'npm run holdfast --';

/** Returns the help for all commands, with a line for each command. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => callOf(command).length));
  return [
    'The command line of Holdfast, for the database of DATABASE_URL.',
    '',
    ...commands.map((command) => `  ${callOf(command).padEnd(width)}  ${command.summary}`),
    '',
    `${CALL} <command> --help shows the options of a command.`,
  ].join('\n');
}

/** Returns the help for one command, with its options. */
export function helpOf(command: Command): string {
  const options = [
    ...Object.entries(command.options).map(([name, { value, help }]) => [
      `--${name}${value ? ` <${value}>` : ''}`,
      help,
    ]),
    ['--json', 'One JSON object instead of text'],
  ];
  const width = Math.max(...options.map(([name = '']) => name.length));
  return [
    `${CALL} ${callOf(command)} [options]`,
    '',
    `${command.summary}.`,
    '',
    ...options.map(([name = '', help]) => `  ${name.padEnd(width)}  ${help}`),
  ].join('\n');
}

function callOf({ name, words = [] }: Command): string {
  return [name, ...words].join(' ');
}
