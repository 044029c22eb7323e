/** The forms in which imports compare names and telephone numbers; see the functions of the same names in SQL. */

/** Returns a name in the form in which two spellings of it are equal: NFKC, lower case, single spaces. */
export function foldName(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
}

/** Returns a telephone number without its spaces and signs; an empty text for no number. */
export function foldPhone(phone: string | null | undefined): string {
  return (phone ?? '').replace(/[^0-9A-Za-z+]/g, '');
}
