/**
 * Mutants without an effect that a caller could notice, by id, each with the reason. At most 20: with more exclusions
 * the draw would not be fair.
 */
export const EQUIVALENT: Readonly<Record<string, string>> = {};
