/**
 * The decimal sign of amounts and the order of dates, which are decided for a whole column. If no cell shows it, it
 * follows from the file's separator, language and system, and the plan asks the user about it.
 */
import { valueOfText } from '../../fields/field.ts';
import { decimalOfColumn } from './amount.ts';
import { clean } from './clean.ts';
import { orderOfColumn } from './day.ts';
import type { Header } from './header.ts';
import type { DateOrder, PlannedColumn, Question } from './plan.ts';
import type { System } from './table.ts';

/** Languages that write a decimal point. */
const DECIMAL_POINT = new Set(['en', 'ja', 'zh']);
/** Languages that write the year first. */
const YEAR_FIRST = new Set(['ja', 'zh', 'sv']);
/** Systems that write days in the order of the United States. */
const UNITED_STATES = new Set(['Salesforce', 'HubSpot', 'Dynamics', 'Google', 'Outlook', 'Mailchimp', 'Copper']);

/** Adds the decimal sign and the order of dates to columns. Returns the questions about them. */
export function styleColumns(
  columns: PlannedColumn[],
  header: Header,
  { language, system, isOwn }: { language: string | null; system: System | null; isOwn: boolean },
): Question[] {
  const questions: Question[] = [];
  for (const [index, planned] of columns.entries()) {
    const { column, custom } = planned;
    // A value of an exported file needs no decision.
    const isSettled = (cell: string) => isOwn && custom !== undefined && valueOfText(custom, cell) !== undefined;
    const cells = () =>
      header.rows.map((row) => clean(row[index] ?? '')).filter((cell) => cell !== '' && !isSettled(cell));
    if (planned.field === 'value' || custom?.type === 'number') {
      const { decimal, isNeeded } = decimalOfColumn(cells());
      planned.decimal = decimal ?? usualDecimal(header.separator, language);
      if (decimal === null && isNeeded) {
        const example = planned.decimal === ',' ? '1.200 is read as 1200' : '1.200 is read as 1.2';
        const message = `No amount settles the decimal sign. It is taken as “${planned.decimal}”, so ${example}. Is it so?`;
        questions.push({ column, code: 'DECIMALS_AMBIGUOUS', message });
      }
    }
    if (planned.field === 'expectedCloseDate' || custom?.type === 'date') {
      const filled = cells();
      const { order, isNeeded } = orderOfColumn(filled);
      planned.dateOrder = order ?? usualOrder(language, system, filled);
      if (order === null && isNeeded && (language === 'en' || language === null)) {
        const message = `No date settles the order of day and month. 3/4/2026 is read as ${EXAMPLES[planned.dateOrder]}. Is it so?`;
        questions.push({ column, code: 'DATES_AMBIGUOUS', message });
      }
    }
  }
  return questions;
}

const EXAMPLES: Record<DateOrder, string> = { dmy: '3 April 2026', mdy: 'March 4, 2026', ymd: '3 April 2026' };

function usualDecimal(separator: string, language: string | null): '.' | ',' {
  if (separator === ';') return ',';
  return language === null || DECIMAL_POINT.has(language) ? '.' : ',';
}

function usualOrder(language: string | null, system: System | null, cells: readonly string[]): DateOrder {
  if (language !== null && YEAR_FIRST.has(language)) return 'ymd';
  if (language !== null && language !== 'en') return 'dmy';
  const isAmerican = (system && UNITED_STATES.has(system.name)) || cells.some((cell) => /\d\s?[AP]M$/i.test(cell));
  return isAmerican ? 'mdy' : 'dmy';
}
