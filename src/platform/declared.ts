/**
 * The list of all declarations of the loaded code. A declaration that no module registers would never run, so an app
 * compares the declared and the registered names when it starts; see `module.ts`.
 */

/** The kinds of declarations that must be registered. */
export type DeclaredKind = 'query' | 'job' | 'schedule' | 'operation' | 'feed' | 'stream' | 'consumer' | 'alert';

/** A declaration. */
export interface Declared {
  kind: DeclaredKind;
  name: string;
  /** The right that an operation requires. */
  access?: string | null;
}

const all: Declared[] = [];

/** Adds a declaration to the list. */
export function declare(declared: Declared): void {
  all.push(declared);
}

/** Returns all declarations so far. */
export function declarations(): readonly Declared[] {
  return all;
}
