/** Formats headers as QStash does: a list of values for each name, and names such as `Content-Type`. */

/** Headers in the form that QStash shows. */
export type ShownHeaders = Record<string, string[]>;

/** Formats headers with lower-case names. `show` may replace a value. */
export function asShown(
  headers: Record<string, string>,
  show: (value: string, name: string) => string = (value) => value,
): ShownHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [capitalized(name), [show(value, name)]]));
}

function capitalized(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
