/** The values of custom fields in the cells of a row. A cell that is no value of its field costs this field alone. */
import { fold } from '../../../platform/text/index.ts';
import { type CustomValue, type Field, ruleOf, valueOfField, valueOfText } from '../../fields/field.ts';
import { parseAmount } from './amount.ts';
import { clean, isPlaceholder } from './clean.ts';
import { parseDay } from './day.ts';
import { folded } from './fold.ts';
import type { PlannedColumn, Problem } from './plan.ts';

/** A cell in the column of a custom field. */
export interface CustomCell {
  /** The cell as the file writes it. */
  cell: string;
  /** The value that an exported file has; `undefined` for other files. */
  exact?: string;
  column: PlannedColumn & { custom: Field };
  language: string | null;
}

/** The values of a row by the ids of their fields, and the reasons why fields are left out. */
export interface CustomCells {
  values: Record<string, CustomValue>;
  problems: Problem[];
}

/**
 * Reads the cells of custom fields, of several columns of a field the first filled one. `fields` are the present
 * definitions: a field that was deleted since the file was planned is left out with its reason.
 */
export function readCustom(cells: readonly CustomCell[], fields: readonly Field[]): CustomCells {
  const values: CustomCells['values'] = {};
  const problems: Problem[] = [];
  const done = new Set<string>();
  for (const cell of cells) {
    const planned = cell.column.custom;
    const field = fields.find(({ id }) => id === planned.id);
    const value = done.has(planned.id)
      ? undefined
      : field
        ? valueInCell(cell, field)
        : isFilled(cell)
          ? null
          : undefined;
    if (value === undefined) continue;
    done.add(planned.id);
    if (value !== null) values[planned.id] = value;
    else {
      const message = field ? ruleOf(field) : 'is the field of a definition that was deleted';
      problems.push({ field: `custom.${planned.key}`, message });
    }
  }
  return { values, problems };
}

/** Returns the value of a cell; `undefined` for an empty cell, `null` for a cell that is no value of the field. */
function valueInCell(cell: CustomCell, field: Field): CustomValue | undefined | null {
  const { exact, column, language } = cell;
  if (exact !== undefined) {
    const value = exact === '' ? undefined : (unchecked(field, exact) ?? valueOfText(field, exact));
    // Another program may have rewritten the cell of an exported file.
    if (value !== undefined || exact === '') return value;
  }
  if (cell.cell.includes('\uFFFD')) return null;
  const text = clean(cell.cell);
  if (text === '') return undefined;
  const option = optionOf(field, text);
  if (option !== undefined) return option;
  if (isPlaceholder(text, false)) return undefined;
  const read = readAs(field, text, { ...column, language: language ?? 'en' });
  return read === undefined ? null : read === null ? undefined : read;
}

function isFilled({ cell, exact }: CustomCell): boolean {
  return exact === undefined ? clean(cell) !== '' && !isPlaceholder(clean(cell), false) : exact !== '';
}

/**
 * Returns the text of a choice. The options are compared later, together with the record, because a record keeps a
 * value whose option is gone.
 */
function unchecked({ type }: Field, text: string): CustomValue | undefined {
  return type === 'choice' ? valueOfField({ type: 'text', options: [] }, text) : undefined;
}

/** Returns the option of a choice that a text means: the same text, or else the only one that is equal when case does not matter. */
export function optionOf({ type, options }: Pick<Field, 'type' | 'options'>, text: string): string | undefined {
  if (type !== 'choice') return undefined;
  if (options.includes(text)) return text;
  const equal = options.filter((option) => fold(option) === fold(text));
  return equal.length === 1 ? equal[0] : undefined;
}

/** Words for `true` and for `false` in the languages of column names. */
const YES = new Set(
  'true yes y 1 on x ja wahr oui vrai si verdadero vero sim verdadeiro tak ano evet はい 是'.split(' '),
);
const NO = new Set('false no n 0 off nein falsch non faux falso nao nee nej nei nie ne hayir いいえ 否'.split(' '));

/** Returns the value of a text that people or programs wrote; `null` for a missing day, `undefined` for other texts. */
function readAs(
  field: Field,
  text: string,
  { decimal = '.', dateOrder = 'dmy', language }: Pick<PlannedColumn, 'decimal' | 'dateOrder'> & { language: string },
): CustomValue | undefined | null {
  switch (field.type) {
    case 'number': {
      // A word or a unit beside the digits could change the number, so only signs are read.
      const amount = /^[\d\s.,'’()+\-−]+$/.test(text) ? parseAmount(text, decimal) : null;
      return amount === null ? undefined : valueOfText(field, amount.value);
    }
    case 'date': {
      const day = parseDay(text, dateOrder, language);
      return day ? valueOfText(field, day) : day;
    }
    case 'boolean': {
      const word = folded(text);
      return YES.has(word) ? true : NO.has(word) ? false : undefined;
    }
    case 'url':
      return valueOfText(
        field,
        /^[a-z][a-z\d+.-]*:/i.test(text) || !/^\S+\.\S+$/.test(text) ? text : `https://${text}`,
      );
    case 'text':
      return valueOfText(field, text);
    case 'choice':
      return unchecked(field, text);
  }
}
