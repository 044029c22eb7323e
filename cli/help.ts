/** Formats the output of `--help`. */
import type { Command } from './command.ts';

const CALL = 'npm run holdfast --';

/** Returns the help for some commands, with a line for each command. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => callOf(command).length));
  return [
    'The command line of Holdfast, for the deployment that the environment variables name.',
    '',
    ...commands.map((command) => `  ${callOf(command).padEnd(width)}  ${command.summary}`),
    '',
    `${CALL} <command> --help shows the options of a command, and an example.`,
    'Exit codes: 0 success, 1 a failure or a fault that was found, 2 a wrong call. See docs/cli.md.',
  ].join('\n');
}

/** Returns the help for one command, with its options and an example. */
export function helpOf(command: Command): string {
  const options = [
    ...Object.entries(command.options).map(([name, { value, help, choices }]) => [
      `--${name}${value ? ` <${value}>` : ''}`,
      choices ? `${help}: ${choices.join(', ')}` : help,
    ]),
    ['--json', 'One JSON object instead of text'],
    ['--env-file <file>', 'A file with environment variables, such as .env; variables that are set take precedence'],
  ];
  const width = Math.max(...options.map(([name = '']) => name.length));
  return [
    `${CALL} ${callOf(command)} [options]`,
    '',
    `${command.summary}.`,
    '',
    ...options.map(([name = '', help]) => `  ${name.padEnd(width)}  ${help}`),
    '',
    'Example:',
    `  ${CALL} ${command.example}`,
  ].join('\n');
}

function callOf({ name, words = [] }: Command): string {
  return [name, ...words].join(' ');
}
