/**
 * A judged set of searches: for each class, searches with the row that they must find, drawn by a seed from rows whose
 * title no other row has.
 */
import type { Random } from '../../dev/random/seeded.ts';
import type { SearchedRow } from './rows.ts';

/** The classes of the set. */
export const classes = ['dropped', 'doubled', 'swapped', 'accent', 'order', 'email', 'phone', 'prefix'] as const;
export type JudgedClass = (typeof classes)[number];

/** A search, and the title of the row that must be among the first three. */
export interface Judged {
  of: JudgedClass;
  text: string;
  title: string;
}

/** A word of this length gets a typing error; a shorter one would often become another word. */
const LONG = 5;

/** Draws searches of each class. */
export function judgedSet(rows: readonly SearchedRow[], random: Random, count: number): Judged[] {
  const seen = new Map<string, number>();
  for (const { title } of rows) seen.set(bare(title), (seen.get(bare(title)) ?? 0) + 1);
  const unique = rows.filter(({ title }) => seen.get(bare(title)) === 1);
  const below = (limit: number) => Math.floor(random() * limit);
  const drawn = (of: JudgedClass, make: (row: SearchedRow) => string | null): Judged[] => {
    const found = new Map<string, Judged>();
    for (let tries = 0; found.size < count && tries < count * 1000; tries += 1) {
      const row = unique[below(unique.length)];
      const text = row && make(row);
      if (row && text) found.set(row.title, { of, text, title: row.title });
    }
    return [...found.values()];
  };
  /** Changes one long word of the title at a place after its first letter. */
  const mistyped = (change: (letters: string[], at: number) => string[] | null) => (row: SearchedRow) => {
    const words = row.title.split(' ');
    const long = [...words.keys()].filter(
      (at) => /^\p{L}+$/u.test(words[at] ?? '') && [...(words[at] ?? '')].length >= LONG,
    );
    const chosen = long[below(long.length)];
    const letters = [...(words[chosen ?? 0] ?? '')];
    const changed = chosen === undefined ? null : change(letters, 1 + below(letters.length - 2));
    return changed && words.map((word, at) => (at === chosen ? changed.join('') : word)).join(' ');
  };
  return [
    ...drawn(
      'dropped',
      mistyped((letters, at) => letters.toSpliced(at, 1)),
    ),
    ...drawn(
      'doubled',
      mistyped((letters, at) => letters.toSpliced(at, 0, letters[at] ?? '')),
    ),
    ...drawn(
      'swapped',
      mistyped((letters, at) => {
        const [one = '', two = ''] = letters.slice(at, at + 2);
        return one === two ? null : letters.toSpliced(at, 2, two, one);
      }),
    ),
    ...drawn('accent', ({ title }) => (bare(title) === title.toLowerCase() ? null : bare(title))),
    ...drawn('order', ({ title }) => {
      const words = title.split(' ');
      return words.length < 2 ? null : [...words.slice(1), words[0]].join(' ');
    }),
    ...drawn('email', ({ email }) => {
      if (!email) return null;
      const [local = '', host = ''] = email.split('@');
      return [email, local, `${local}@${host.slice(0, 6)}`, email.toUpperCase()][below(4)] ?? null;
    }),
    ...drawn('phone', ({ phone }) => {
      if (!phone) return null;
      const digits = phone.replace(/\D/g, '');
      return (
        [digits, phone, digits.slice(-8), `0${digits.slice(-10)}`, `${digits.slice(-10, -7)}-${digits.slice(-7)}`][
          below(5)
        ] ?? null
      );
    }),
    ...drawn('prefix', ({ title }) => {
      const words = title.split(' ');
      const last = [...(words.at(-1) ?? '')];
      if (last.length < LONG || words.length < 2) return null;
      return [...words.slice(0, -1), last.slice(0, Math.max(3, Math.ceil(last.length * 0.6))).join('')].join(' ');
    }),
  ];
}

function bare(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
