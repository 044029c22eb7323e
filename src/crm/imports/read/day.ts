/** Days as people and programs write them. */
import { folded } from './fold.ts';
import type { DateOrder } from './plan.ts';

/** Three numbers with a sign between them; a time of day may follow. */
const NUMBERS = /^(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?(?:[ T,].*)?$/;
/** Years first, as in Japan and China. */
const YEAR_FIRST = /^(\d{4})\s?[年/.-]\s?(\d{1,2})\s?[月/.-]\s?(\d{1,2})日?(?:[ T,].*)?$/;
/** A month as a word: `28 Sep 2024`, `28. September 2024`, `7-Feb-22`, or `Sep 28, 2024`. */
const DAY_MONTH = /^(\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s+)?(\p{L}+)\.?,?[\s-]+(?:de\s+)?(\d{2,4})(?: .*)?$/u;
const MONTH_DAY = /^(\p{L}+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{2,4})(?: .*)?$/u;
/** Texts that programs write for a day that is missing. Apple writes the year 1604 for a day without a year. */
const MISSING = /^(0{1,4}[./-]0{1,2}[./-]0{1,4}|1604-.*)$/;

/**
 * Reads a day as `2026-11-20`. Returns `null` if the cell says that the day is missing, and `undefined` if it is no day.
 * `order` decides about a day such as `3/4/26`.
 */
export function parseDay(text: string, order: DateOrder, language: string): string | null | undefined {
  if (MISSING.test(text)) return null;
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) return dayOf(Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3]));
  const numbers = NUMBERS.exec(text);
  if (numbers) {
    const [first, second, third] = [Number(numbers[1]), Number(numbers[3]), Number(numbers[4])];
    if (order === 'ymd') return dayOf(yearOf(numbers[1] ?? ''), second, third);
    const isMonthFirst =
      numbers[2] !== '.' && (order === 'mdy' ? second <= 31 && first <= 12 : second > 12 && first <= 12);
    const [day, month] = isMonthFirst ? [second, first] : [first, second];
    return dayOf(yearOf(numbers[4] ?? ''), month, day);
  }
  const dayMonth = DAY_MONTH.exec(text);
  if (dayMonth) return withMonth(dayMonth[3], dayMonth[2], dayMonth[1], language);
  const monthDay = MONTH_DAY.exec(text);
  return monthDay ? withMonth(monthDay[3], monthDay[1], monthDay[2], language) : undefined;
}

function withMonth(year = '', word = '', day = '', language = 'en'): string | undefined {
  const month = monthsOf(language).get(folded(word)) ?? monthsOf('en').get(folded(word));
  return month === undefined ? undefined : dayOf(yearOf(year), month, Number(day));
}

/** Years of two digits: 00 to 69 are in this century. */
function yearOf(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year + (year < 70 ? 2000 : 1900);
}

function dayOf(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year > 0;
  return isReal ? date.toISOString().slice(0, 10) : undefined;
}

/** A moment of ISO 8601 with its offset from UTC. */
const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * Returns the moment of a cell in UTC; `undefined` for other cells. Midnight in UTC is not taken as a moment, because
 * programs write a day without a time in this form.
 */
export function momentIn(text: string): string | undefined {
  const [, day = '', time = '', offset = ''] = MOMENT.exec(text) ?? [];
  const moment = new Date(`${day}T${time}${offset.replace(/^(.\d\d)(\d\d)$/, '$1:$2')}`);
  const isMidnight = offset === 'Z' && /^[0:.]+$/.test(time);
  return Number.isNaN(moment.getTime()) || isMidnight ? undefined : moment.toISOString();
}

const months = new Map<string, Map<string, number>>();

/** The words for months in a language, long and short, alone and beside a day. */
function monthsOf(language: string): Map<string, number> {
  const known = months.get(language);
  if (known) return known;
  const words = new Map<string, number>();
  for (const month of ['long', 'short'] as const) {
    for (const options of [{ month }, { month, day: 'numeric' }] as const) {
      const format = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
      for (let number = 1; number <= 12; number += 1) {
        const parts = format.formatToParts(Date.UTC(2026, number - 1, 1));
        const word = parts.find(({ type }) => type === 'month')?.value ?? '';
        words.set(folded(word).replace(/\.$/, ''), number);
      }
    }
  }
  // English also shortens September to four letters.
  if (language === 'en') words.set('sept', 9);
  months.set(language, words);
  return words;
}

/** Returns the order that the days of a column show, and whether some cell cannot be read without it. */
export function orderOfColumn(cells: readonly string[]): { order: DateOrder | null; isNeeded: boolean } {
  const votes = { dmy: 0, mdy: 0 };
  let isNeeded = false;
  for (const cell of cells) {
    const numbers = NUMBERS.exec(cell);
    if (!numbers || numbers[1]?.length === 4 || MISSING.test(cell)) continue;
    const [first, second] = [Number(numbers[1]), Number(numbers[3])];
    if (numbers[2] === '.' || first > 12) votes.dmy += 1;
    else if (second > 12) votes.mdy += 1;
    else if (first !== second) isNeeded = true;
  }
  if (votes.dmy === votes.mdy) return { order: null, isNeeded };
  return { order: votes.dmy > votes.mdy ? 'dmy' : 'mdy', isNeeded };
}
