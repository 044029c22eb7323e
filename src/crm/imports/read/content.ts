/** The contents of a column, as far as they show the meaning of the column. */
import { clean } from './clean.ts';
import { folded } from './fold.ts';

/** Salutations and degrees of the languages in the table of words. */
const HONORIFICS = new Set(
  (
    'mr mrs ms miss mx dr prof professor sir dame rev hon herr herrn frau fraulein fru hr dhr mevr mevrouw mw meneer ' +
    'm mme mlle monsieur madame mademoiselle sr sra srta senor senora don dona sig signor signora dott dottssa avv ' +
    'ing arch pan pani mgr inz bay bayan sn sayin phd mag dipl bc mudr judr med 様 さん 先生 女士 小姐 氏'
  ).split(' '),
);
const LEGAL_FORM =
  /(^|[\s,.])(gmbh|ag|kg|ohg|ug|ltd|llc|llp|inc|corp|plc|sarl|sas|sa|srl|spa|bv|nv|ab|as|asa|aps|oy|oyj|sl|slu|lda|s r o|a s|sp z o o|z o o|eood|co|kk|pte)\.?$|株式会社|有限公司|有限会社/;

/** Counts of the filled cells of a column. */
export interface Contents {
  filled: number;
  emails: number;
  phones: number;
  honorifics: number;
  companies: number;
}

/** Counts the cells of a column in these rows. */
export function contentsOf(rows: readonly string[][], index: number): Contents {
  const contents = { filled: 0, emails: 0, phones: 0, honorifics: 0, companies: 0 };
  for (const cells of rows) {
    const cell = clean(cells[index] ?? '');
    if (cell === '') continue;
    contents.filled += 1;
    if (isAddress(cell)) contents.emails += 1;
    else if (isPhone(cell)) contents.phones += 1;
    else if (isHonorific(cell)) contents.honorifics += 1;
    else if (LEGAL_FORM.test(folded(cell).replaceAll('.', ' ').trim())) contents.companies += 1;
  }
  return contents;
}

/** Whether most cells are of a sort. An empty column is of no sort. */
export function isMostly(count: number, { filled }: Contents): boolean {
  return filled > 0 && count >= 0.8 * filled;
}

/** Whether a cell has an e-mail address. */
export function isAddress(cell: string): boolean {
  return /[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[^\s@<>(),;:]{2,}/.test(cell);
}

/** Whether a cell is a telephone number: 7 to 15 digits with a plus sign, a leading zero, or signs that group them. */
function isPhone(cell: string): boolean {
  if (!/^[+(\d][\d\s().\-/]{5,}$/.test(cell)) return false;
  if (/^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}( |$)/.test(cell) || /^\d+[.]\d+$/.test(cell)) return false;
  const digits = cell.replace(/\D/g, '').length;
  return digits >= 7 && digits <= 15 && /^[+0(]|\d[\s()\-/]\d/.test(cell);
}

function isHonorific(cell: string): boolean {
  return folded(cell)
    .split(/[\s.,/]+/)
    .filter((word) => word !== '')
    .every((word) => HONORIFICS.has(word));
}
