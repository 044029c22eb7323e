/** Finds names in the product's text: the declaration around a place, and the uses of a name. */
import type { Sources } from './coverage.ts';
import type { Position } from './mutant.ts';

const DECLARATION = /^(?:export )?(?:const|function|async function|class|export async function) (\w+)/;

/** Reads the product's files once. */
export function readSources(texts: ReadonlyMap<string, string>): Sources {
  const declared = new Map<string, string[]>();
  // Constants that hold a script, or a part of one.
  const scripts = new Set<string>();
  for (const [file, text] of texts) {
    let name = '';
    declared.set(
      file,
      text.split('\n').map((line) => {
        name = DECLARATION.exec(line)?.[1] ?? name;
        if (/^(?:export )?const \w+.*=.*(?:`$|[sS]cript)/.test(line)) scripts.add(name);
        return name;
      }),
    );
  }
  const declarationAt = (file: string, { line }: Position) => declared.get(file)?.[line] ?? '';

  function usesOf(name: string, seen: Set<string> = new Set()): { file: string; line: number }[] {
    if (name === '' || seen.has(name)) return [];
    seen.add(name);
    const word = new RegExp(`\\b${name}\\b`);
    const uses: { file: string; line: number }[] = [];
    for (const [file, text] of texts) {
      if (!text.includes(name)) continue;
      for (const [line, code] of text.split('\n').entries()) {
        const within = declarationAt(file, { line, column: 0 });
        if (!word.test(code) || within === name || within === '' || /^\s*(?:\*|\/\/)/.test(code)) continue;
        if (scripts.has(within)) uses.push(...usesOf(within, seen));
        else uses.push({ file, line });
      }
    }
    return uses;
  }
  return { declarationAt, usesOf: (name) => usesOf(name) };
}
