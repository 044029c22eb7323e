/**
 * The rules for columns of contacts whose names have several meanings. `Title` is a salutation or a job title; `Name`
 * is a whole name, a first name or a last name; `Client` is a company or a person.
 */
import type { Candidate } from './candidate.ts';
import { isMostly } from './content.ts';
import { fold } from './fold.ts';

const foldAll = (names: string) => new Set(names.split(' ').map(fold));
/** Words for a name that is whole or a part, depending on the other columns. */
const NAMES = foldAll('name nom nombre nome naam navn namn jméno ad adı isim 名前');
/** Words for a salutation, a degree or a job title. */
const TITLES = foldAll('title titel tittel titre título titolo tytuł unvan ünvan titul 肩書き');
/** The languages in which a title without other hints is mostly a salutation or a degree. */
const SALUTATION_LANGUAGES = new Set(['de', 'nl', 'it', 'pl', 'pt', 'cs']);
/** Words for a customer, who is a company or a person. */
const CUSTOMERS = foldAll('client customer kunde klant cliente klient kund zákazník müşteri 顧客名 客户');
/** Words for a contact, which are the whole name only without another name. */
const CONTACTS = foldAll('contact kontakt contacto contato contatto kişi attendee person');

/** Decides the columns with several meanings. Changes the candidates. */
export function decideContactColumns(
  candidates: readonly Candidate[],
  rows: readonly string[][],
  language: string,
): void {
  decideCustomers(candidates);
  decideNames(candidates);
  decideTitles(candidates, language);
  decideContacts(candidates);
  const [surname] = candidates.filter(({ folded }) => folded === 'sobrenome');
  for (const candidate of candidates) {
    // In Brazil `Apelido` is the nickname, in Portugal the last name.
    if (surname && candidate.folded === 'apelido') leaveOut(candidate, 'is the nickname beside “Sobrenome”');
    // An address column without addresses is about addresses, for example whether mails are allowed.
    if (candidate.field === 'email' && candidate.contents.filled > 1 && !hasAddress(rows, candidates, candidate)) {
      candidate.rank += 1000;
    }
  }
}

function hasAddress(rows: readonly string[][], candidates: readonly Candidate[], candidate: Candidate): boolean {
  const index = candidates.indexOf(candidate);
  return rows.some((cells) => cells[index]?.includes('@'));
}

function set(candidate: Candidate, field: Candidate['field'], reason: string): void {
  Object.assign(candidate, { field, reason });
}

function leaveOut(candidate: Candidate, reason: string): void {
  set(candidate, null, reason);
}

function decideNames(candidates: readonly Candidate[]): void {
  const open = candidates.filter(({ folded, source }) => NAMES.has(folded) && source !== 'system');
  const rest = candidates.filter((candidate) => !open.includes(candidate));
  const hasFirst = rest.some(({ field }) => field === 'firstName');
  const hasLast = rest.some(({ field }) => field === 'lastName');
  for (const candidate of open) {
    if (hasFirst && !hasLast) set(candidate, 'lastName', 'is the last name beside a first name');
    else if (hasLast && !hasFirst) set(candidate, 'firstName', 'is the first name beside a last name');
    else set(candidate, 'name', hasFirst ? 'is the whole name beside its parts' : 'is the whole name');
  }
}

function decideTitles(candidates: readonly Candidate[], language: string): void {
  const open = candidates.filter(({ folded }) => TITLES.has(folded));
  const rest = candidates.filter((candidate) => !open.includes(candidate));
  const hasJob = rest.some(({ field }) => field === 'jobTitle');
  const hasSalutation = rest.some(({ field }) => field === 'salutation');
  for (const [place, candidate] of open.entries()) {
    const { contents, source } = candidate;
    const next = candidates[candidates.indexOf(candidate) + 1];
    const isBeforeFirst = next?.field === 'firstName' && candidates.some(({ folded }) => OUTLOOK_MARKS.has(folded));
    if (isMostly(contents.honorifics, contents)) {
      set(candidate, 'salutation', 'has salutations in its cells');
    } else if (open.length > 1) {
      const field = place === 0 ? 'salutation' : 'jobTitle';
      set(candidate, field, 'is the salutation if it comes first, and the job title if it comes second');
    } else if (source === 'system') {
      // The recognised system has decided.
    } else if (hasJob || isBeforeFirst) {
      if (contents.filled > 0 && contents.honorifics === 0 && !isBeforeFirst) {
        set(candidate, 'jobTitle', 'has no salutations in its cells');
        candidate.rank += 1000;
      } else set(candidate, 'salutation', 'is the salutation beside a job title');
    } else if (hasSalutation || contents.filled > 0 || !SALUTATION_LANGUAGES.has(language)) {
      set(candidate, 'jobTitle', 'is the job title');
    } else set(candidate, 'salutation', 'is the salutation');
  }
}

/** Names of columns that Outlook writes. */
const OUTLOOK_MARKS = foldAll('e-mailaddress emailaddress businessphone');

function decideCustomers(candidates: readonly Candidate[]): void {
  const open = candidates.filter(({ folded, source }) => CUSTOMERS.has(folded) && source !== 'system');
  const rest = candidates.filter((candidate) => !open.includes(candidate));
  const hasName = rest.some(({ field }) => field !== null && PERSON.has(field));
  const hasCompany = rest.some(({ field }) => field === 'company');
  for (const candidate of open) {
    const isCompany = !hasCompany && (hasName || isMostly(2 * candidate.contents.companies, candidate.contents));
    if (isCompany) set(candidate, 'company', 'is the company beside the name of a person');
    else if (!hasName) set(candidate, 'name', 'is the name of the customer');
    else leaveOut(candidate, 'is neither the name nor the company, which other columns have');
  }
}

const PERSON = new Set<string>(['name', 'firstName', 'lastName']);

function decideContacts(candidates: readonly Candidate[]): void {
  const open = candidates.filter(({ folded, source }) => CONTACTS.has(folded) && source !== 'system');
  const rest = candidates.filter((candidate) => !open.includes(candidate));
  const hasName = rest.some(({ field }) => field !== null && PERSON.has(field));
  for (const candidate of open) {
    if (hasName) leaveOut(candidate, 'is not the name, which other columns have');
    else set(candidate, 'name', 'is the whole name');
  }
}
