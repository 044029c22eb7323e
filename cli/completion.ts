/**
 * `completion`: prints a script for a shell that completes commands and options. The script has the table of commands,
 * so a completion starts no process.
 */
import type { Command } from './command.ts';
import { suggestion } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** The words that may follow the words typed so far. */
interface Step {
  typed: string;
  next: readonly string[];
}

const SHELLS: Readonly<Record<string, (steps: readonly Step[]) => string[]>> = { bash, zsh, fish };

/** Makes the command for a list of commands, to which the command itself belongs. */
export function completionOf(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    words: ['<shell>'],
    summary: `Prints a script that completes commands and options: ${Object.keys(SHELLS).join(', ')}`,
    options: {},
    example: 'completion bash > ~/.local/share/bash-completion/completions/holdfast',
    async run({ words }) {
      const [shell = ''] = words;
      const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (!script) {
        const known = Object.keys(SHELLS);
        throw new UsageError(
          `There is no script for ${shell}, only for ${known.join(', ')}${suggestion(shell, known)}`,
        );
      }
      const lines = script(stepsOf(commands()));
      return { lines, json: { shell, script: lines.join('\n') } };
    },
  };
}

/** Returns each beginning of a command with the words that may follow; options follow a complete command. */
export function stepsOf(commands: readonly Command[]): Step[] {
  const steps = new Map<string, Set<string>>();
  const add = (typed: string, word: string) => steps.set(typed, (steps.get(typed) ?? new Set()).add(word));
  for (const { name, options } of commands) {
    const words = name.split(' ');
    for (const [at, word] of words.entries()) add(words.slice(0, at).join(' '), word);
    for (const option of [...Object.keys(options), 'json', 'env-file', 'help']) add(name, `--${option}`);
  }
  return [...steps].map(([typed, next]) => ({ typed, next: [...next] }));
}

/** The longest beginning that names a command is the command; the words after it are its options and arguments. */
function cases(steps: readonly Step[], line: (next: string) => string): string[] {
  const longestFirst = [...steps].sort((one, other) => other.typed.length - one.typed.length);
  return longestFirst.map(({ typed, next }) => {
    const pattern = typed === '' ? '*' : `"${typed} "*`;
    return `    ${pattern}) ${line(next.join(' '))} ;;`;
  });
}

function bash(steps: readonly Step[]): string[] {
  return [
    '_holdfast() {',
    '  local words',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: A variable of the shell.
    '  case "${COMP_WORDS[*]:1:COMP_CWORD-1} " in',
    ...cases(steps, (next) => `words="${next}"`),
    '  esac',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: A variable of the shell.
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -F _holdfast holdfast',
  ];
}

function zsh(steps: readonly Step[]): string[] {
  return [
    '#compdef holdfast',
    '_holdfast() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: A variable of the shell.
    '  case "${words[2,CURRENT-1]} " in',
    ...cases(steps, (next) => `compadd -- ${next}`),
    '  esac',
    '}',
    'compdef _holdfast holdfast',
  ];
}

function fish(steps: readonly Step[]): string[] {
  return [
    'function __holdfast_words',
    '  switch (string join " " (commandline -opc)[2..])" "',
    ...[...steps]
      .sort((one, other) => other.typed.length - one.typed.length)
      .flatMap(({ typed, next }) => [
        `    case '${typed === '' ? '*' : `${typed} *`}'`,
        `      printf '%s\\n' ${next.join(' ')}`,
      ]),
    '  end',
    'end',
    "complete -c holdfast -f -a '(__holdfast_words)'",
  ];
}
