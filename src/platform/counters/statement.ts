/** Counts SQL statements by fingerprint: their time, and for slow ones the last request. Values are never counted. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Counters } from './counters.ts';

/** The maximum number of characters of a statement that are kept. */
const LONGEST_TEXT = 2_000;

/** The fingerprints of statements that this isolate has sent, because hashing takes longer than a look-up. */
const fingerprints = new LRUCache<string, string>({ max: 1_000 });

/**
 * Returns the fingerprint of a statement: the first 12 hexadecimal digits of the SHA-256 of its text. Lists of
 * parameters of different lengths have the same fingerprint.
 */
export function fingerprintOf(sql: string): string {
  const known = fingerprints.get(sql);
  if (known !== undefined) return known;
  const fingerprint = createHash('sha256').update(foldLists(sql)).digest('hex').slice(0, 12);
  fingerprints.set(sql, fingerprint);
  return fingerprint;
}

/** Replaces each list of parameters, `($1,$2,$3)`, by `(…)`, and each further list of the same row form by nothing. */
function foldLists(sql: string): string {
  return sql
    .replace(/\((?:\s*\$\d+\s*,)*\s*\$\d+\s*\)/g, '(…)')
    .replace(/\(…\)(?:\s*,\s*\(…\))+/g, '(…)')
    .replace(/\$\d+/g, '$');
}

/**
 * Counts a statement.
 * @param slowMs the time from which a statement is slow, in ms
 * @returns the fingerprint if the statement was slow, else `null`
 */
export function countStatement(
  { counters, requestId, slowMs }: { counters: Counters; requestId: string; slowMs: number },
  sql: string,
  ms: number,
): string | null {
  const statement = fingerprintOf(sql);
  counters.time('sql.time', { statement }, ms);
  counters.note('sql.most', { statement }, Math.round(ms));
  if (ms < slowMs) return null;
  counters.count('sql.slow', { statement });
  counters.note('sql.last', { statement }, requestId);
  counters.note('sql.text', { statement }, foldLists(sql).slice(0, LONGEST_TEXT));
  return statement;
}
