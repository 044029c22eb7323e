/** The names of the scripts in requests. A request has only the text of a script, or its digest. */
import { declaredScripts } from '../../src/platform/redis/script.ts';

const names = new Map<string, string>();

/**
 * Returns the name of the declared script with this text; `undefined` for a text that no room declares. A script whose
 * code was changed by a test keeps the name of the script that it shares the most lines with.
 */
export function scriptNameOf(text: string): string | undefined {
  const name = names.get(text) ?? exactNameOf(text) ?? nearestNameOf(text);
  // A room that is imported later may declare the script, so only names are remembered.
  if (name !== undefined) names.set(text, name);
  return name;
}

function exactNameOf(text: string): string | undefined {
  return [...declaredScripts().values()].find((script) => script.text === text)?.name;
}

/** The part of its lines that a changed script keeps: tests change one or two lines. */
const KEPT = 0.7;

function nearestNameOf(text: string): string | undefined {
  const lines = new Set(linesOf(text));
  const shares = [...declaredScripts().values()].map(({ name, text: declared }) => {
    const own = linesOf(declared);
    return { name, share: own.filter((line) => lines.has(line)).length / Math.max(own.length, lines.size) };
  });
  const nearest = shares.toSorted((a, b) => b.share - a.share)[0];
  return nearest !== undefined && nearest.share >= KEPT ? nearest.name : undefined;
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#!lua'));
}
