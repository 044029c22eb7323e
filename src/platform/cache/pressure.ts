/** How much of their lives new entries get, while Redis has little memory left. The fill of an entry reads it. */
import { key, NO_TENANT } from '../redis/index.ts';

/** The percentage of lives. Without this key, entries live as their query says. */
export const PRESSURE = key(NO_TENANT, 'pressure');
/** How long a percentage holds, in ms: longer than the time between two trims. */
export const LIVES_MS = 180_000;
