/**
 * Columns whose cells say more than their names: a column of addresses or of telephone numbers is used or asked about,
 * and a column with an unknown name is asked about, so that no column is lost silently.
 */
import type { Candidate } from './candidate.ts';
import { isMostly } from './content.ts';
import type { Field, ImportKind, Question } from './plan.ts';

/** The fields of addresses and of telephone numbers. */
const ADDRESS: Record<ImportKind, Field | null> = { contacts: 'email', companies: null, deals: 'contactEmail' };
const PHONE: Record<ImportKind, Field | null> = { contacts: 'phone', companies: null, deals: null };

/** Gives fields to columns by their content, and returns the questions about columns. Changes the candidates. */
export function askAboutColumns(candidates: readonly Candidate[], kind: ImportKind): Question[] {
  return [
    ...askAbout(candidates, ADDRESS[kind], 'emails', {
      found: 'ADDRESSES_FOUND',
      unused: 'ADDRESSES_UNUSED',
      what: 'e-mail addresses',
    }),
    ...askAbout(candidates, PHONE[kind], 'phones', {
      found: 'PHONES_FOUND',
      unused: 'PHONES_UNUSED',
      what: 'telephone numbers',
    }),
    ...candidates.filter(isUnknown).map(({ column }) => ({
      column,
      code: 'COLUMN_UNKNOWN' as const,
      message: 'The column has an unknown name and fills no field. Does it fill one?',
    })),
  ];
}

interface Sort {
  found: 'ADDRESSES_FOUND' | 'PHONES_FOUND';
  unused: 'ADDRESSES_UNUSED' | 'PHONES_UNUSED';
  what: string;
}

function askAbout(
  candidates: readonly Candidate[],
  field: Field | null,
  counted: 'emails' | 'phones',
  { found, unused, what }: Sort,
): Question[] {
  if (!field) return [];
  const isUsed = candidates.some((candidate) => candidate.field === field && candidate.contents[counted] > 0);
  const full = candidates.filter(({ isMapped, contents, field: current }) => {
    return !isMapped && current !== field && isMostly(contents[counted], contents);
  });
  const questions: Question[] = [];
  for (const candidate of full) {
    const { column, source } = candidate;
    const isFree = source === 'unknown' || (source === 'word' && candidate.field === 'name');
    if (!isUsed && isFree) {
      const reason = `has ${what} in its cells`;
      Object.assign(candidate, { field, rank: 1000 + candidates.indexOf(candidate), reason });
      questions.push({
        column,
        code: found,
        message: `The cells are ${what}, so the column fills ${field}. Is it so?`,
      });
    } else if (source === 'unknown' || !isUsed) {
      const message = `The cells are ${what}, but the column does not fill ${field}. Should it?`;
      questions.push({ column, code: unused, message });
      Object.assign(candidate, { source: 'near' });
    }
  }
  return questions;
}

function isUnknown({ source, field, column, contents, isMapped }: Candidate): boolean {
  return source === 'unknown' && field === null && !isMapped && (column !== '' || contents.filled > 0);
}
