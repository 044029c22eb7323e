/**
 * Files that this project exported. Their cells are taken as they are, so that a file that is sent back changes
 * nothing, not even the blanks in a name.
 */

/** The name of the system in plans of exported files. */
export const OWN_SYSTEM = 'Holdfast';

/** Columns that every exported file has, spelled exactly so. */
const MARKS = ['Id', 'Created at'];
/** All other columns of exported files. */
const NAMES = new Set([
  ...['Name', 'E-mail', 'Phone', 'Job title', 'Company', 'Owner', 'Domain', 'Industry', 'Employees', 'City', 'Country'],
  ...['Title', 'Stage', 'Value', 'Currency', 'Contact', 'Contact e-mail', 'Expected close date', 'Closed at'],
]);

/**
 * Whether the columns are those of an exported file. Some columns may be missing. `isCustom` tells whether a column has
 * the name of a custom field.
 */
export function isOwnFile(columns: readonly string[], isCustom: (column: string) => boolean): boolean {
  return (
    MARKS.every((mark) => columns.includes(mark)) &&
    columns.every((name) => MARKS.includes(name) || NAMES.has(name) || isCustom(name))
  );
}
