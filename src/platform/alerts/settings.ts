/** The settings of alerts. Their names are those of the environment variables. */
import type { Settings } from '../http/index.ts';

/** The settings that alerts read. */
export type AlertSettings = Pick<
  Settings,
  | 'APP_URL'
  | 'ALERT_MAIL_TO'
  | 'ALERT_WEBHOOK_URL'
  | 'ALERT_WEBHOOK_SECRET'
  | 'ALERT_SLACK_URL'
  | 'ALERT_HEARTBEAT_URL'
  | 'REDIS_MEMORY_LIMIT'
>;
