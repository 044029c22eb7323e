/** Amounts of money as people and programs of many countries write them. */
import { folded } from './fold.ts';

/** An amount as a decimal number with a point, and its currency if the cell names it. */
export interface Amount {
  value: string;
  currency?: string;
}

/** Signs of a single currency. `$` and `kr` are signs of several. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/US\$/i, 'USD'],
  [/R\$/, 'BRL'],
  [/A\$|AU\$/i, 'AUD'],
  [/C\$|CA\$/i, 'CAD'],
  [/€/, 'EUR'],
  [/£/, 'GBP'],
  [/[¥￥円]/, 'JPY'],
  [/zł/i, 'PLN'],
  [/Kč/i, 'CZK'],
  [/₺/, 'TRY'],
  [/₹/, 'INR'],
  [/₩/, 'KRW'],
  [/₽/, 'RUB'],
  [/\bFr\.?(?=\s|\d|$)/, 'CHF'],
];
/** Signs between groups of digits that are never decimal signs. */
const GROUP = /[\s\u00a0\u202f'’]/g;

/** Reads an amount. Returns `null` for any other text. `decimal` decides about a sign that may be either. */
export function parseAmount(text: string, decimal: '.' | ','): Amount | null {
  const currency = currencyIn(text);
  const number = digitsOf(text);
  if (number === null) return null;
  const isNegative = /^\(.*\)$|^[-−]|[-−]$/.test(text.replace(/[^\d()\-−.,]/g, '').replace(/[.,][-−]+$/, ''));
  const sign = decimalSignOf(number) ?? decimal;
  const plain = number.replace(sign === '.' ? /,/g : /\./g, '').replace(',', '.');
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(plain)) return null;
  const [whole = '', places = ''] = plain.split('.');
  const value = `${isNegative ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${places ? `.${places}` : ''}`;
  return currency === undefined ? { value } : { value, currency };
}

/** Returns the currency that a text names: a code of ISO 4217 or a sign of a single currency. */
export function currencyIn(text: string): string | undefined {
  const code = /(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])/.exec(text)?.[1];
  return code ?? SIGNS.find(([sign]) => sign.test(text))?.[1];
}

/** The digits of an amount with points and commas, without signs of groups, currency and `.-`; `null` for other text. */
function digitsOf(text: string): string | null {
  const bare = text.replace(GROUP, '').replace(/[.,][-–—−]+$/, '');
  const runs = bare.match(/[\d.,]*\d[\d.,]*/g) ?? [];
  const words = folded(bare).match(/\p{L}{4,}/gu) ?? [];
  return runs.length === 1 && words.length === 0
    ? (runs[0] ?? '').replace(/[.,]$/, '').replace(/^[.,](?=\d{3})/, '')
    : null;
}

/**
 * Returns the decimal sign if the number alone shows it; `null` for numbers such as `1.200`, and for numbers without a
 * sign.
 */
export function decimalSignOf(number: string): '.' | ',' | null {
  const points = number.split('.').length - 1;
  const commas = number.split(',').length - 1;
  if (points > 0 && commas > 0) return number.lastIndexOf('.') > number.lastIndexOf(',') ? '.' : ',';
  if (points + commas === 0) return null;
  const [sign, other] = points > 0 ? (['.', ','] as const) : ([',', '.'] as const);
  if (points + commas > 1) return other;
  const [whole = '', after = ''] = number.split(sign);
  // `0.125` and `1234.567` have no groups of three digits.
  return after.length === 3 && /^[1-9]\d{0,2}$/.test(whole) ? null : sign;
}

/** Returns the decimal sign that the amounts of a column show, and whether some cell cannot be read without it. */
export function decimalOfColumn(cells: readonly string[]): { decimal: '.' | ',' | null; isNeeded: boolean } {
  let isNeeded = false;
  const votes = { '.': 0, ',': 0 };
  for (const cell of cells) {
    const number = digitsOf(cell);
    if (number === null || !/[.,]/.test(number)) continue;
    const sign = decimalSignOf(number);
    if (sign === null) isNeeded = true;
    else votes[sign] += 1;
  }
  if (votes['.'] === votes[',']) return { decimal: null, isNeeded };
  return { decimal: votes['.'] > votes[','] ? '.' : ',', isNeeded };
}
