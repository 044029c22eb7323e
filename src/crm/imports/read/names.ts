/** The name of a person from its whole form, its parts and other forms. */
import type { Cells } from './cells.ts';
import { folded } from './fold.ts';

/** A name, and whether it is only a part of one. */
export interface PersonName {
  name: string;
  isHalf: boolean;
}

/** Signs of Chinese, Japanese and Korean names. */
const CJK = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー々\s・]+$/u;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * Reads the name of a person. The whole name and its parts are compared: the whole name keeps its order, but the parts
 * are better if the whole name has a comma or a salutation. Returns `null` if the row has none.
 */
export function readName(cells: Cells, language: string | null): PersonName | null {
  const written = cells.first('name');
  if (cells.isExact) return written === undefined ? null : { name: written, isHalf: false };
  const first = cells.first('firstName');
  const last = cells.first('lastName');
  const middle = cells.first('middleName');
  const isBoth = first !== undefined && last !== undefined;
  const parts = joinParts(first, middle, last, language);
  const aside = [cells.first('salutation'), cells.first('suffix')];
  const whole = without(written, aside);
  if (whole !== undefined) {
    if (!isBoth || parts === null) return { name: whole.text, isHalf: false };
    const isPartsBetter = whole.text.includes(',') || whole.isChanged;
    return { name: isPartsBetter && !isSameOrder(whole.text, parts) ? parts : whole.text, isHalf: false };
  }
  const shown = without(cells.first('displayName'), aside)?.text;
  if (isBoth && parts !== null) return { name: parts, isHalf: false };
  if (shown !== undefined && (parts === null || containsWords(shown, parts))) return { name: shown, isHalf: false };
  return parts === null ? null : { name: parts, isHalf: true };
}

function joinParts(
  first: string | undefined,
  middle: string | undefined,
  last: string | undefined,
  language: string | null,
): string | null {
  if (first !== undefined && last !== undefined && CJK.test(first + last)) {
    const needsBlank = language === 'ja' || KANA.test(first + last);
    return [last, middle, first].filter((part) => part !== undefined).join(needsBlank ? ' ' : '');
  }
  // Some programs repeat the middle name in the cell of the first name.
  const isRepeated = first !== undefined && middle !== undefined && containsWords(first, middle);
  const parts = [first, isRepeated ? undefined : middle, last].filter((part) => part !== undefined);
  return parts.length === 0 ? null : parts.join(' ');
}

/** Removes salutations at the beginning and suffixes at the end of a name. */
function without(
  name: string | undefined,
  [before, after]: readonly (string | undefined)[],
): { text: string; isChanged: boolean } | undefined {
  if (name === undefined) return undefined;
  let text = name;
  if (before !== undefined && text.startsWith(`${before} `)) text = text.slice(before.length).trim();
  if (after !== undefined && text.endsWith(` ${after}`)) text = text.slice(0, -after.length).replace(/[\s,]+$/, '');
  return text === '' ? { text: name, isChanged: false } : { text, isChanged: text !== name };
}

function wordsIn(name: string): string[] {
  return folded(name).match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function containsWords(whole: string, part: string): boolean {
  const words = wordsIn(whole);
  return wordsIn(part).every((word) => words.includes(word));
}

function isSameOrder(one: string, other: string): boolean {
  return wordsIn(one).join(' ') === wordsIn(other).join(' ') && !one.includes(',');
}
