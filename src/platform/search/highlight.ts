/**
 * Marks the parts of a text that a search has matched. The parts are data: a page shows each as text, so nothing of a
 * row is read as markup.
 */
import { foldForSearch, isUnspaced, wordsOf } from './characters.ts';
import type { Wanted } from './words.ts';

/** A part of a text. All parts together are the text. */
export interface Part {
  text: string;
  match: boolean;
}

/** A run of characters without blanks. Words in it are separated by signs only. */
const CHUNK = /[\p{L}\p{N}\p{M}]+/gu;

/** A telephone number as people write it. */
const NUMBER = /\+?[0-9][0-9 ()./-]*[0-9]/g;

type Place = readonly [from: number, to: number];

/** Returns the parts of a text. */
export function highlight(text: string, wanted: readonly Wanted[]): Part[] {
  return partsAt(text, joined([...wordPlaces(text, wanted), ...numberPlaces(text, wanted)]));
}

/**
 * Returns the part of a longer text around its first match, of about `length` characters, highlighted. An ellipsis
 * replaces the text that is left out.
 */
export function snippet(text: string, wanted: readonly Wanted[], length: number): Part[] {
  if (text.length <= length) return highlight(text, wanted);
  const [first] = joined([...wordPlaces(text, wanted), ...numberPlaces(text, wanted)]);
  const middle = first?.[0] ?? 0;
  const from = wordBefore(text, Math.max(0, Math.min(middle - length / 4, text.length - length)));
  const to = wordBefore(text, Math.min(text.length, from + length));
  const shown = text.slice(from, to > from ? to : from + length).trim();
  return highlight(`${from > 0 ? '… ' : ''}${shown}${to < text.length ? ' …' : ''}`, wanted);
}

/** Returns the start of the last word that begins before a place, so that no word and no character is cut. */
function wordBefore(text: string, place: number): number {
  const at = Math.floor(place);
  return at === 0 || at >= text.length ? at : text.lastIndexOf(' ', at) + 1 || at;
}

function wordPlaces(text: string, wanted: readonly Wanted[]): Place[] {
  return [...text.matchAll(CHUNK)].flatMap(({ 0: chunk, index }) =>
    wanted.flatMap((part): Place[] => {
      const place = placeIn(chunk, part);
      return place ? [[index + place[0], index + place[1]]] : [];
    }),
  );
}

/** Returns the place of a part in a word as it is written; `null` if the word does not match. */
function placeIn(chunk: string, { text, as, near = [] }: Wanted): Place | null {
  const folded = foldForSearch(chunk);
  if (as === 'digits') return null;
  if (as === 'word' && !isUnspaced(chunk)) {
    if (near.includes(folded)) return [0, chunk.length];
    const isWhole = folded === text || ([...text].length > 1 && wordsOf(chunk).some((word) => word.startsWith(text)));
    return isWhole && folded.startsWith(text) ? [0, lengthFor(chunk, text)] : null;
  }
  const at = folded.indexOf(text);
  if (at < 0) return null;
  const from = at === 0 ? 0 : lengthFor(chunk, folded.slice(0, at));
  return [from, from + lengthFor(chunk.slice(from), text)];
}

/** Returns the length of the written characters whose folded form begins with a folded text. */
function lengthFor(written: string, folded: string): number {
  let length = 0;
  for (const character of written) {
    const isMark = /\p{M}/u.test(character);
    if (!isMark && foldForSearch(written.slice(0, length)).length >= folded.length) break;
    length += character.length;
  }
  return length;
}

function numberPlaces(text: string, wanted: readonly Wanted[]): Place[] {
  const asked = wanted.filter(({ text: part, as }) => as === 'digits' || (as === 'word' && /^[0-9]{4,}$/.test(part)));
  if (asked.length === 0) return [];
  return [...text.matchAll(NUMBER)].flatMap(({ 0: number, index }) =>
    asked.flatMap(({ text: digits }): Place[] => {
      const at = number.replace(/[^0-9]/g, '').indexOf(digits);
      if (at < 0) return [];
      const places = [...number].flatMap((character, place) => (/[0-9]/.test(character) ? [place] : []));
      return [[index + (places[at] ?? 0), index + (places[at + digits.length - 1] ?? 0) + 1]];
    }),
  );
}

/** Returns the places in their order, with places that overlap as one. */
function joined(places: readonly Place[]): Place[] {
  const result: [number, number][] = [];
  for (const [from, to] of places.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

function partsAt(text: string, places: readonly Place[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const [from, to] of places) {
    parts.push({ text: text.slice(at, from), match: false }, { text: text.slice(from, to), match: true });
    at = to;
  }
  parts.push({ text: text.slice(at), match: false });
  return parts.filter((part) => part.text !== '');
}
