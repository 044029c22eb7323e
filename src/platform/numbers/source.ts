/**
 * `numbersOf()` declares the maintained numbers of a table: how many rows have a key, and the sum of a column over
 * them. A key has parts, such as the stage and the owner. From the declaration come the triggers that keep the numbers
 * exact (`triggers.ts`), the ranges that a page reads (`read.ts`) and the recount (`recount.ts`).
 */
import { createHash } from 'node:crypto';
import type { Tag } from '../redis/index.ts';
import { type Bucket, type Part, sqlOfPart } from './buckets.ts';

/** The declaration of one number. Names of columns and the condition are constants of the code. */
export interface NumberDefinition<By extends readonly Part[] = readonly Part[]> {
  /**
   * The parts of the key, in order: columns, or buckets of a column. A column that is null is the part `''`; a row
   * whose bucket is null is not counted. Values must not contain `|`.
   */
  by: By;
  /** The column to add up; it must not be null. Default: the number only counts. */
  sum?: string;
  /** A condition in SQL, with the table's columns. Rows that do not fulfil it are not counted. */
  where?: string;
}

/** The numbers of one table, by name. */
export type NumberDefinitions = Readonly<Record<string, NumberDefinition>>;

/** The first parts of a key, in order. */
type FirstParts<By extends readonly unknown[]> = By extends readonly [unknown, ...infer Rest]
  ? [] | [part: string, ...FirstParts<Rest>]
  : [];

/** The keys from `from` up to, and without, `to`, of one table. */
export interface KeyRange {
  readonly source: NumberSource;
  readonly from: string;
  readonly to: string;
}

/** A table with maintained numbers, as `recount.ts` and the triggers need it. */
export interface NumberSource {
  /** The table, which has the column `tenant_id`. */
  readonly table: string;
  /** Changes with the declaration. Numbers of another version are not read. */
  readonly version: string;
  /** The tags of cached values that show the numbers. A recount that mends a number invalidates them. */
  readonly tags: readonly Tag[];
  /** The rows of `VALUES` that a row of the table adds: key and amount. The key is null for a row that is not counted. */
  readonly values: string;
}

/** The numbers of a table, with the ranges that a page may read. */
export interface Numbers<Definitions extends NumberDefinitions> extends NumberSource {
  /** Returns the keys that begin with these parts: one key if all parts are given, all keys of the number if none is. */
  at<Name extends keyof Definitions & string>(name: Name, ...parts: FirstParts<Definitions[Name]['by']>): KeyRange;
  /** Returns the keys that begin with these parts and whose next part, a bucket, is in [`from`, `to`). */
  between<Name extends keyof Definitions & string>(
    name: Name,
    parts: FirstParts<Definitions[Name]['by']>,
    from: Bucket | null,
    to: Bucket,
  ): KeyRange;
}

/**
 * Declares the maintained numbers of a table. A new or changed declaration needs a migration with its triggers:
 * `npm run db:migration` writes it.
 * @param table has the column `tenant_id`; a plain identifier.
 * @throws {TypeError} if a name is not a plain identifier.
 * @example
 * ```ts
 * export const invoiceNumbers = numbersOf('invoices', {
 *   state: { by: ['state'], sum: 'amount' },
 *   paid: { by: [month('paid_at'), 'seller_id'], sum: 'amount' },
 * });
 * const range = invoiceNumbers.at('state', 'open');
 * ```
 */
export function numbersOf<const Definitions extends NumberDefinitions>(
  table: string,
  definitions: Definitions,
  tags: readonly Tag[] = [],
): Numbers<Definitions> {
  for (const name of [table, ...Object.keys(definitions)]) checkName(name);
  const values = Object.entries(definitions).map(([name, definition]) => rowOf(table, name, definition));
  const text = values.join(',\n');
  const prefix = (name: string, parts: readonly string[]) =>
    `${table}.${name}:${parts.map((part) => `${part}|`).join('')}`;
  const source = {
    table,
    version: createHash('sha256').update(text).digest('hex').slice(0, 12),
    tags,
    values: text,
  };
  return {
    ...source,
    at(name, ...parts) {
      const begin = prefix(name, parts);
      if (parts.length < (definitions[name]?.by.length ?? 0)) return { source, from: begin, to: after(begin) };
      const key = begin.slice(0, -1);
      return { source, from: key, to: `${key}\u0001` };
    },
    between(name, parts, from, to) {
      const begin = prefix(name, parts);
      return { source, from: `${begin}${from ?? ''}`, to: `${begin}${to}` };
    },
  };
}

/** Returns the first text, in collation "C", that does not begin with `begin`. */
function after(begin: string): string {
  return `${begin.slice(0, -1)}${String.fromCharCode(begin.charCodeAt(begin.length - 1) + 1)}`;
}

/** Returns every key of a table's numbers, also of numbers that are no longer declared. */
export function allKeysOf({ table }: NumberSource): { from: string; to: string } {
  return { from: `${table}.`, to: `${table}/` };
}

function rowOf(table: string, name: string, { by, sum, where }: NumberDefinition): string {
  const key = `'${table}.${name}:' || ${by.map(sqlOfPart).join(" || '|' || ")}`;
  const amount = sum === undefined ? '0::numeric' : `${checkName(sum)}::numeric`;
  return `(${where === undefined ? key : `CASE WHEN ${where} THEN ${key} END`}, ${amount})`;
}

function checkName(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new TypeError(`${name} must be a plain identifier`);
  return name;
}
