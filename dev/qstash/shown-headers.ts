/** Headers as QStash shows them: a list of values per name, and names as in its documentation, `Content-Type`. */

/** Headers in that form. */
export type ShownHeaders = Record<string, string[]>;

/** Shows headers; `show` may replace a value. Names are given lower-case. */
export function asShown(
  headers: Record<string, string>,
  show: (value: string, name: string) => string = (value) => value,
): ShownHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [capitalized(name), [show(value, name)]]));
}

function capitalized(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
