/**
 * The meanings of a column name: as the recognised system uses it, as a word of the file's language, as a word of
 * another language, and at last without the words around it, as in `Billing: Email (1)`.
 */
import { fold, wordsOf } from './fold.ts';
import type { ImportKind } from './plan.ts';
import { type Meaning, type System, tablesOf } from './table.ts';

/** Words around a name that say which one of several it is. */
const AROUND = new Set(
  (
    'primary main default work business office company private personal home other secondary direct general value ' +
    'contact person lead customer client member user subscriber attendee invitee guestlist billing shipping mailing ' +
    'organization organisation corporate professional field no nr geschaftlich privat dienstlich haupt arbeit firma ' +
    'professionnel personnel bureau domicile pro trabajo casa personal lavoro ufficio casa werk zakelijk thuis ' +
    'comercial pessoal arbete hem privat arbejde arbeid prace domov ostatni osoba persona personne is ev principal principale ' +
    'secundaria secundario secondaire secondario glowny hoved huvud weitere autre otro outro altro anden annan'
  ).split(' '),
);
/** Those of these words that can also be the field itself. */
const OWNERS = new Set(['company', 'organization', 'organisation', 'firma', 'contact', 'person', 'customer', 'client']);
/** Names of columns about other persons, other numbers, and properties of a field. */
const NEVER =
  /\b(fax|telefax|telefaks|faks|pager|telex|isdn|callback|car|radio|assistant|assistants|assistent|assistentin|asst|manager|managers|tty|type|typ|label|labels|opt|do not|accepts|accepted|consent|verified|bounced?|guests?|buyer|spouse|referred|vendor|yomi|phonetic|nickname|created|modified|updated|last activity|ids?|guid|uuid|checksum|extension|ext|emergency|previous|former|weighted|expected revenue|annual revenue|probability|acv|arr|mrr)\b/;

/** Words that mean a field only alone: an `Event Name` is no name of a person. */
const GENERAL = new Set([
  'name',
  'title',
  'titel',
  'number',
  'value',
  'total',
  'contact',
  'account',
  'position',
  'role',
  'price',
]);

/** The people who own the records in the old system. */
const OWNER = /(^| )(owner|owned by|assigned to|besitzer|proprietaire|eigentumer)$/;

/** The place of columns with words around their names, after those with the plain name. */
const NEAR_RANK = 100;

/** The meanings of a column name, and how they were found. An unknown name has none. */
export interface Named {
  meanings: readonly Meaning[];
  source: 'system' | 'word' | 'near' | 'unknown';
}

const UNKNOWN: Named = { meanings: [], source: 'unknown' };
const NO_FIELD: Named = { meanings: [{ field: null, rank: 0 }], source: 'near' };

/** Returns the meanings of a column name. `languages` are those of the tables, the language of the file first. */
export function meaningOf(
  column: string,
  kind: ImportKind,
  system: System | null,
  languages: readonly string[],
): Named {
  const name = fold(column);
  const numberless = name.replaceAll('#', '');
  if (numberless === '') return UNKNOWN;
  const number = Number(/\d+/.exec(column)?.[0] ?? 0);
  const ranked = ({ field, rank }: Meaning): Meaning => ({ field, rank: rank + number / 100 });
  const inSystem = system?.columns.get(name) ?? system?.columns.get(numberless);
  if (inSystem) return { meanings: [ranked(inSystem)], source: 'system' };
  const words = inLanguages([name, numberless], kind, languages);
  if (words) return { meanings: words.map(ranked), source: 'word' };
  const near = nearMeaning(column, kind, system, languages);
  return near.source === 'near' ? { ...near, meanings: near.meanings.map(ranked) } : UNKNOWN;
}

/** Looks for a name without the words around it. */
function nearMeaning(column: string, kind: ImportKind, system: System | null, languages: readonly string[]): Named {
  const all = wordsOf(column).filter((word) => !/^\d+$/.test(word));
  const text = all.join(' ');
  if (OWNER.test(text)) return { meanings: [{ field: 'owner', rank: NEAR_RANK }], source: 'near' };
  if (NEVER.test(text)) return NO_FIELD;
  const kept = all.filter((word) => !AROUND.has(word));
  const owned = all.filter((word) => !AROUND.has(word) || OWNERS.has(word));
  // Pipedrive writes `object - field - kind` in every language, so the last parts also count without the first.
  const lastParts = column.split(' - ').slice(1).join(' ');
  for (const words of [owned, kept, all.slice(1), kept.slice(1), wordsOf(lastParts).slice(0, -1)]) {
    const name = fold(words.join(''));
    const isCut = words !== owned && words !== kept;
    if (name === '' || (isCut && GENERAL.has(name))) continue;
    const inSystem = system?.columns.get(name);
    const found = inSystem ? [inSystem] : inLanguages([name], kind, languages);
    if (found) return { meanings: found.map(({ field, rank }) => ({ field, rank: rank + NEAR_RANK })), source: 'near' };
  }
  return UNKNOWN;
}

function inLanguages(names: readonly string[], kind: ImportKind, languages: readonly string[]): Meaning[] | undefined {
  const { languages: tables } = tablesOf(kind);
  for (const language of languages) {
    for (const name of names) {
      const found = tables.get(language)?.get(name);
      if (found) return found;
    }
  }
  return undefined;
}
