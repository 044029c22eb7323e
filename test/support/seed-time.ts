/** The end of the suites' demo data: it makes the rows equal in every run. */
export const SEED_TIME = new Date('2026-11-02T09:00:00.000Z');
