/**
 * Counts phrases that make a reader guess what is meant: in comments, documents, test titles and texts for users. The
 * measure is their number per 1,000 words of a folder.
 */

/** A kind of puzzling phrase. */
export interface Phrase {
  name: string;
  pattern: RegExp;
}

export const PHRASES: readonly Phrase[] = [
  { name: 'nobody, anybody, somebody', pattern: /\b(?:nobody|anybody|somebody)\b/gi },
  { name: 'whoever, whatever, whichever', pattern: /\b(?:whoever|whatever|whichever|wherever|whomever)\b/gi },
  {
    name: 'a sentence that opens with What or Who',
    pattern: /(?:^\s*|[.!?]\s+)(?:What|Who|Whoever|Whatever)\b(?![^.!?]*\?)/gm,
  },
  { name: 'is none', pattern: /\b(?:is|are|was|were) none\b|\bthere is no such\b|\bno such thing\b/gi },
  { name: 'stands or lies for is', pattern: /\bstands?\b(?! in\b| out\b| up\b)|\blies\b/gi },
  { name: 'old adverbs', pattern: /\b(?:besides|anew|likewise|thereof|therein|hence|whereupon)\b/gi },
  { name: 'debts for the outbox', pattern: /\b(?:owes?|owed|debts?|payers?|pays? what|is paid|are paid)\b/gi },
  {
    name: 'old idioms',
    pattern: /\bfor want of\b|\bas what\b|\bwithout a word\b|\bgiven up\b|\bis told\b|\bare told\b/gi,
  },
];

/** A piece of prose and the line where it begins. */
export interface Prose {
  line: number;
  text: string;
}

/** A puzzling phrase, with the words around it. */
export interface Finding {
  line: number;
  name: string;
  around: string;
}

/** Strings that people read: titles of tests and of tables of tests, texts of the API, messages of errors. */
const READ_STRINGS = [
  /\b(?:it|test|describe)(?:\.\w+)*\(\s*(['"`])((?:\\.|(?!\1).)+)\1/g,
  /\)\(\s*(['"`])((?:\\.|(?!\1).)+)\1,\s*(?:\{[^}]*\},\s*)?(?:async\s+)?(?:\(|\w+ =>)/g,
  /\b(?:summary|description|detail|message)\s*:\s*(['"`])((?:\\.|(?!\1).)+)\1/g,
  /new \w*Error\([^'"`\n]*(['"`])((?:\\.|(?!\1).)+)\1/g,
];

/** The prose of a file: of Markdown all but its code, of code its comments and the strings that people read. */
export function proseOf(file: string, text: string): Prose[] {
  if (file.endsWith('.md')) {
    const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (code) => code.replace(/[^\n]/g, ' '));
    return prose.split('\n').flatMap((line, index) => (line.trim() ? [{ line: index + 1, text: line }] : []));
  }
  const lineAt = (index: number) => text.slice(0, index).split('\n').length;
  const comments = [...text.matchAll(/\/\*\*?[\s\S]*?\*\/|(?<![:'"`\w])\/\/[^\n]*/g)].map(({ 0: comment, index }) => ({
    line: lineAt(index),
    text: comment
      .replace(/^\/\*\*?|\*\/$/g, '')
      .replace(/^\s*\*( |$)/gm, '')
      .replace(/^\/\/ ?/, ''),
  }));
  const strings = READ_STRINGS.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({ line: lineAt(match.index), text: match[2] ?? '' })),
  );
  return [...comments, ...strings];
}

export function wordsIn(prose: readonly Prose[]): number {
  return prose.reduce((sum, { text }) => sum + (text.match(/[A-Za-z][A-Za-z'’-]*/g) ?? []).length, 0);
}

/** @param allowed words, in lower case, that the prose needs in their usual sense. */
export function findingsIn(prose: readonly Prose[], allowed: readonly string[] = []): Finding[] {
  return prose.flatMap(({ line, text }) =>
    PHRASES.flatMap(({ name, pattern }) =>
      [...text.matchAll(pattern)]
        .filter(([phrase]) => !allowed.includes(phrase.toLowerCase()))
        .map(({ index }) => ({
          line: line + text.slice(0, index).split('\n').length - 1,
          name,
          around: text.slice(Math.max(0, index - 40), index + 50).replace(/\s+/g, ' '),
        })),
    ),
  );
}
