/** The time of all steps in the model, unless a step has a time of its own. */
export const NOON = Date.UTC(2026, 10, 20, 12);
