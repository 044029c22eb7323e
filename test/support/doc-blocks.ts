/** The blocks of the documents that show commands: fences of `sh`, and of `console`, which also show the output. */
import { type Tokens, walkTokens } from 'marked';
import { readDocument } from '../../dev/site/document.ts';
import type { Page } from '../../dev/site/pages.ts';

/** One command of a block. */
export interface Shown {
  command: string;
  /** The lines that the document shows below the command. Those of `sh` show none. */
  output: string[];
}

export interface Block {
  /** The file and the line of the fence. */
  place: string;
  source: string;
  language: 'sh' | 'console';
  /** The reason why no test runs the block, or `undefined` for a block that a test runs. */
  norun: string | undefined;
  commands: Shown[];
}

/** Returns the blocks of a page, in its order. */
export function blocksOf(page: Page): Block[] {
  const blocks: Block[] = [];
  let from = 0;
  walkTokens(readDocument(page).tokens, (token) => {
    if (token.type !== 'code') return;
    const { lang = '', text } = token as Tokens.Code;
    const [language, mark, ...reason] = lang.split(/\s+/);
    if (language !== 'sh' && language !== 'console') return;
    from = page.markdown.indexOf(`\`\`\`${lang}\n`, from) + 1;
    const line = page.markdown.slice(0, from).split('\n').length;
    blocks.push({
      place: `${page.source}:${line}`,
      source: page.source,
      language,
      norun: mark === 'norun' ? reason.join(' ') : undefined,
      commands: language === 'sh' ? commandsOf(text) : shownIn(text),
    });
  });
  return blocks;
}

/** All other fences that look like those of a shell. They would be neither run nor counted. */
export function strayFencesOf({ source, markdown }: Page): string[] {
  return [...markdown.matchAll(/^ *```(?:bash|shell|zsh|shellsession|terminal|cmd|powershell|ps1)\b.*$/gm)].map(
    ([fence]) => `${source}: ${fence.trim()}`,
  );
}

function commandsOf(text: string): Shown[] {
  return joined(text.split('\n')).map((command) => ({ command, output: [] }));
}

function shownIn(text: string): Shown[] {
  const shown: Shown[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (!line.startsWith('$ ')) {
      shown.at(-1)?.output.push(line);
      continue;
    }
    let command = line.slice(2);
    while (isIncomplete(command) && at + 1 < lines.length) command += `\n${lines[++at]}`;
    shown.push({ command, output: [] });
  }
  return shown;
}

/** Joins the lines of each command. */
function joined(lines: readonly string[]): string[] {
  const commands: string[] = [];
  for (const line of lines) {
    const last = commands.at(-1);
    if (last !== undefined && isIncomplete(last)) commands[commands.length - 1] = `${last}\n${line}`;
    else if (line.trim() !== '') commands.push(line);
  }
  return commands;
}

/** Whether the next line belongs to the command: after a backslash, and inside of single quotes. */
function isIncomplete(command: string): boolean {
  return command.endsWith('\\') || command.split("'").length % 2 === 0;
}
