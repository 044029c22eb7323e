/** How well an entry fits a search. PostgreSQL ranks many entries by their words; the best are compared here. */
import { wordsOf } from './characters.ts';
import { distance } from './near.ts';
import type { Wanted } from './words.ts';

/** The score of a whole word of the title; other matches score less. */
const WHOLE = 1;
const IN_DETAIL = 0.4;

/** Returns the score of an entry, about 0 to 1.5. */
export function scoreOf(
  { title, detail }: { title: string; detail: string | null },
  wanted: readonly Wanted[],
): number {
  const titleWords = wordsOf(title);
  const detailWords = new Set(wordsOf(detail ?? ''));
  const digits = (detail ?? '').replace(/[^0-9]/g, '');
  const places: number[] = [];
  let sum = 0;
  for (const part of wanted) {
    if (part.as === 'digits') sum += digits.includes(part.text) ? WHOLE : 0;
    const fits = titleWords.map((word) => fitOf(word, part));
    const best = Math.max(0, ...fits);
    if (best > 0) places.push(fits.indexOf(best));
    sum += Math.max(best, IN_DETAIL * Math.max(0, ...[...detailWords].map((word) => fitOf(word, part))));
  }
  const covered = new Set(places).size / Math.max(1, titleWords.length);
  const inOrder = places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0));
  return sum / wanted.length + covered * 0.4 + (inOrder ? 0.1 : 0);
}

function fitOf(word: string, { text, as, near = [] }: Wanted): number {
  if (word === text) return WHOLE;
  if (as === 'run') return word.includes(text) ? 0.8 : 0;
  if (word.startsWith(text)) return 0.6 + (0.3 * text.length) / word.length;
  return near.includes(word) ? 0.9 - 0.15 * distance(text, word) : 0;
}
