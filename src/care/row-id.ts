/**
 * The ids of rows. A caller may type a name or a number of a patient where an id belongs; such a text gets into no log, no
 * entry of the audit trail and no key of the cache.
 */

/** The form of ids: the kind of the row, and random letters and digits. */
const ROW_ID = /^[a-z]+_[0-9A-Za-z]+$/;

/** Returns whether a text has the form of a row's id. No text means that there is nothing to check. */
export function isRowId(text: string | null | undefined): boolean {
  return text === undefined || text === null || ROW_ID.test(text);
}

/**
 * Returns a path as logs may show it: the pattern of its route, with the ids of rows, and `*` in place of any other text.
 * @example
 * ```ts
 * shownPath('/care/patients/:id', '/care/patients/A-1024'); // '/care/patients/*'
 * ```
 */
export function shownPath(pattern: string, path: string): string {
  const parts = path.split('/');
  return pattern
    .split('/')
    .map((part, at) => {
      if (!part.startsWith(':') && part !== '*') return part;
      const text = parts[at];
      return text !== undefined && ROW_ID.test(text) ? text : '*';
    })
    .join('/');
}
