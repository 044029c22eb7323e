/** Finds the known name that a mistyped name probably means. */

/**
 * Returns the known name with the smallest edit distance; `undefined` if every known name is too far away: more than a
 * third of the typed name, and at least 2.
 */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    const distance = distanceOf(typed, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Returns the end of a message that suggests a name; an empty text without a suggestion. */
export function suggestion(typed: string, known: Iterable<string>, before = ''): string {
  const name = nearest(typed, known);
  return name === undefined ? '' : `. Did you mean ${before}${name}?`;
}

/**
 * Returns the Levenshtein distance: the least number of inserted, deleted and replaced characters (Wagner and Fischer,
 * 1974, with one row).
 */
export function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [line, character] of [...one].entries()) {
    const next = [line + 1];
    for (let at = 1; at <= other.length; at += 1) {
      const replaced = (row[at - 1] ?? 0) + (other[at - 1] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
