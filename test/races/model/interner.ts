/** Numbers for texts, so that states are short lists of numbers. */
export class Interner {
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, number>();

  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  text(id: number): string {
    const text = this.#texts[id];
    if (text === undefined) throw new Error(`No text has the number ${id}`);
    return text;
  }
}

/** A function of a number, computed once for each. */
export function remembered(compute: (id: number) => number): (id: number) => number {
  const known: (number | undefined)[] = [];
  return (id) => {
    const found = known[id];
    if (found !== undefined) return found;
    const result = compute(id);
    known[id] = result;
    return result;
  };
}
