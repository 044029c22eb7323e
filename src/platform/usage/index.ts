/**
 * Usage: daily, weekly and monthly active users, retention and streaks, counted with requests that are sent in any
 * case.
 */
export { setUsageZone } from './count.ts';
export type { Offset } from './offsets.ts';
export { EXACT_BELOW, readUsage, type UsageQuestion, type UsageReading } from './read.ts';
export { createUsage, type Usage } from './usage.ts';
