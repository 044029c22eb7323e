/**
 * The share of its usual life that a new entry gets while Redis has little memory left. The fill of an entry reads it.
 */
import { key, NO_TENANT } from '../redis/index.ts';

/** The share in percent. Without this key, entries live as long as their query says. */
export const PRESSURE = key(NO_TENANT, 'pressure');
/** How long a percentage holds, in ms: longer than the time between two trims. */
export const LIVES_MS = 180_000;
