/** Countries by their codes of ISO 3166-1 and by their names in the language of the file, in English and in their own. */
import { folded } from './fold.ts';

const tables = new Map<string, Map<string, string>>();
/** Names and codes that are common and that Unicode's tables lack. */
const COMMON: ReadonlyMap<string, string> = new Map(
  Object.entries({
    uk: 'GB',
    usa: 'US',
    us: 'US',
    'u.s.a.': 'US',
    'united states of america': 'US',
    england: 'GB',
    scotland: 'GB',
    wales: 'GB',
    'the netherlands': 'NL',
    holland: 'NL',
    'czech republic': 'CZ',
    turkey: 'TR',
    uae: 'AE',
  }),
);

/** Returns the code of a country by its code or its name; `undefined` if it is not known. */
export function countryCode(text: string, language: string): string | undefined {
  if (/^[A-Za-z]{2}$/.test(text) && text.toUpperCase() !== 'UK') return text.toUpperCase();
  const name = folded(text).trim();
  return COMMON.get(name) ?? namesIn(language).get(name) ?? namesIn('en').get(name);
}

function namesIn(language: string): Map<string, string> {
  const known = tables.get(language);
  if (known) return known;
  const display = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
  const names = new Map<string, string>();
  for (let code = 0; code < 26 * 26; code += 1) {
    const region = String.fromCharCode(65 + Math.floor(code / 26), 65 + (code % 26));
    // Former codes, such as DD, have the name of the country that came after.
    const isCurrent = Intl.getCanonicalLocales(`und-${region}`)[0] === `und-${region}`;
    const name = isCurrent ? display.of(region) : undefined;
    if (name && !names.has(folded(name))) names.set(folded(name), region);
  }
  tables.set(language, names);
  return names;
}
