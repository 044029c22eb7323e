/** The settings of feeds; see `http/settings.ts`. */
import type { Settings } from '../http/index.ts';

/** The settings of connections. */
export type FeedSettings = Pick<
  Settings,
  'FEEDS_MODE' | 'FEEDS_CHECK_MS' | 'FEEDS_HEARTBEAT_MS' | 'FEEDS_AGE_MS' | 'FEEDS_CONNECTIONS'
>;
