/** When the demo data of the suites ends: the same rows in every run. */
export const SEED_TIME = new Date('2026-11-02T09:00:00.000Z');
