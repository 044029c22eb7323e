/**
 * Everything that the loaded code declares. A declaration that no module registers would never run, so the start of an
 * app compares both lists; see `module.ts`.
 */

/** The kinds of declarations that must be registered. */
export type DeclaredKind = 'query' | 'job' | 'schedule' | 'operation';

/** A declaration. */
export interface Declared {
  kind: DeclaredKind;
  name: string;
  /** The right that an operation requires. */
  access?: string | null;
}

const all: Declared[] = [];

/** Notes a declaration. */
export function declare(declared: Declared): void {
  all.push(declared);
}

/** Every declaration so far. */
export function declarations(): readonly Declared[] {
  return all;
}
