/**
 * Mutants that change nothing that a caller could notice, by id, each with a sentence that says why. At most 20: more
 * would mean that the draw is not worth its name.
 */
export const EQUIVALENT: Readonly<Record<string, string>> = {};
