/**
 * Recognises the system and the language of a file by its column names. A system explains most of the columns, or has
 * one of its unmistakable names. The language is the one that explains most columns, so words of one language win over
 * a mix.
 */
import { fold } from './fold.ts';
import type { ImportKind } from './plan.ts';
import { type System, tablesOf } from './table.ts';

/** The share of the file's columns that one system must know, and the smallest number of columns. */
const KNOWN_SHARE = 0.6;
const KNOWN_COLUMNS = 5;

/** Names that only one system writes. */
const MARKS: readonly (readonly [system: string, mark: RegExp])[] = [
  ['Google', /^(e-mail|phone|organization) \d+ - /im],
  ['Dynamics', /^\(do not modify\) /im],
  ['Pipedrive', /^(person|osoba|organization|deal|obchod) - /im],
  ['Mailchimp', /^(LEID|EUID|MEMBER_RATING)$/m],
  ['LinkedIn', /^connected on$/im],
  ['Zoho', /^record id$[\s\S]*^.+\.id$/im],
  ['HubSpot', /^(associated company ids|hs_object_id|lifecycle stage)$/im],
  ['Outlook', /^(billing information|internet free busy|abrechnungsinformation)$/im],
];

/** Returns the system that wrote a file with these columns, if it is known. */
export function recogniseSystem(columns: readonly string[], kind: ImportKind): System | null {
  const names = [...new Set(columns.map(fold))].filter((name) => name !== '');
  const text = columns.map((column) => column.trim()).join('\n');
  const marked = MARKS.find(([, mark]) => mark.test(text))?.[0];
  let best: System | null = null;
  let most = 0;
  for (const system of tablesOf(kind).systems) {
    const known = names.filter((name) => system.columns.has(name)).length;
    const isMarked = system.name === marked && known >= 2;
    if (!isMarked && (marked !== undefined || known < KNOWN_COLUMNS || known < KNOWN_SHARE * names.length)) continue;
    if (known > most) [best, most] = [system, known];
  }
  return best;
}

/** Returns the languages of the tables: first the one that explains most columns. The language is `null` if no column is known. */
export function recogniseLanguage(
  columns: readonly string[],
  kind: ImportKind,
  system: System | null,
): { language: string | null; order: string[] } {
  const names = columns.map(fold);
  const { languages } = tablesOf(kind);
  const counts = [...languages].map(([language, words]) => {
    const known = names.filter((name) => words.has(name) || words.has(name.replaceAll('#', ''))).length;
    return { language, known: known + (system?.language === language ? names.length : 0) };
  });
  const order = counts.toSorted((one, other) => other.known - one.known);
  return {
    language: (order[0]?.known ?? 0) > 0 ? (order[0]?.language ?? null) : null,
    order: order.map(({ language }) => language),
  };
}
