/** The moment at which everything in the model happens, unless somebody is told otherwise. */
export const NOON = Date.UTC(2026, 10, 20, 12);
