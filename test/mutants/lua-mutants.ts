/**
 * Mutants of the Lua scripts. The scripts are template literals, which a generator for TypeScript reads as one text.
 * Comments, quoted texts and inserted values of the template are not changed.
 */
import { type Mutant, nameMutants } from './mutant.ts';

interface Rule {
  mutator: string;
  /** Matched against a line in which quoted texts are masked. */
  pattern: RegExp;
  /** Returns the texts that replace the match. */
  replacements: (match: RegExpExecArray) => string[];
}

const swaps = (mutator: string, pattern: RegExp, pairs: Record<string, string[]>): Rule => ({
  mutator,
  pattern,
  replacements: ([found]) => pairs[found] ?? [],
});

const RULES: readonly Rule[] = [
  swaps('LuaEquality', /==|~=|<=|>=|(?<= )[<>](?= )/g, {
    '==': ['~='],
    '~=': ['=='],
    '<=': ['<', '>'],
    '>=': ['>', '<'],
    '<': ['<=', '>='],
    '>': ['>=', '<='],
  }),
  swaps('LuaLogic', /(?<= )(?:and|or)(?= )/g, { and: ['or'], or: ['and'] }),
  swaps('LuaNot', /\bnot (?=\S)/g, { 'not ': [''] }),
  swaps('LuaArithmetic', /(?<= )[+*/-](?= )/g, { '+': ['-'], '-': ['+'], '*': ['/'], '/': ['*'] }),
  swaps('LuaBoolean', /\b(?:true|false)\b/g, { true: ['false'], false: ['true'] }),
  {
    mutator: 'LuaNumber',
    pattern: /(?<![\w.[\]])\d+(?![\w.])/g,
    replacements: ([found]) => [String(Number(found) + 1)],
  },
  {
    mutator: 'LuaCondition',
    pattern: /(?<=\b(?:else)?if ).*(?= then\b)/g,
    replacements: () => ['true', 'false'],
  },
  {
    mutator: 'LuaCall',
    pattern: /(?<=^\s*)redis\.call\(.*\)$/g,
    replacements: () => [''],
  },
];

/** The mutants of the scripts in a source file. */
export function luaMutants(file: string, source: string): Mutant[] {
  const found: Omit<Mutant, 'id' | 'room' | 'file'>[] = [];
  for (const { line, text } of luaLines(source)) {
    const masked = mask(text);
    for (const { mutator, pattern, replacements } of RULES) {
      for (const match of masked.matchAll(pattern)) {
        const start = { line, column: match.index };
        const end = { line, column: match.index + match[0].length };
        for (const replacement of replacements(match)) found.push({ mutator, start, end, replacement });
      }
    }
  }
  return nameMutants(file, source, found);
}

/** A line, not a comment, that opens a template literal at its end. */
const OPENS = /^(?!\s*(?:\*|\/[/*]))[^`]*(?:`[^`]*`[^`]*)*`$/;

/** The lines of template literals that call Redis, or that such a file uses in its scripts. */
function luaLines(source: string): { line: number; text: string }[] {
  if (!/redis\.call\(/.test(source)) return [];
  const lines = source.split('\n');
  const found: { line: number; text: string }[] = [];
  // Scripts begin with a backtick at the end of a line and end with one at the start of a line.
  let inside = false;
  for (const [line, text] of lines.entries()) {
    if (inside && text.startsWith('`')) inside = false;
    else if (inside && !/^\s*--/.test(text) && text.trim() !== '') found.push({ line, text });
    else if (!inside && OPENS.test(text)) inside = true;
  }
  return found;
}

/** Replaces quoted texts, insertions and comments by as many underscores or spaces. */
function mask(text: string): string {
  return text
    .replace(/'[^']*'|"[^"]*"/g, (quoted) => `'${'_'.repeat(quoted.length - 2)}'`)
    .replace(/\$\{[^}]*\}/g, (inserted) => '_'.repeat(inserted.length))
    .replace(/--.*$/, (comment) => ' '.repeat(comment.length));
}
