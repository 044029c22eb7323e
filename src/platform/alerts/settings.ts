/** The settings of alerts. Their names are those of the environment variables. */
export interface AlertSettings {
  readonly APP_URL: string;
  /** The addresses that get mails about alerts. */
  readonly ALERT_MAIL_TO: readonly string[];
  /** The URL that gets messages in the form of Standard Webhooks. */
  readonly ALERT_WEBHOOK_URL?: string | undefined;
  /** The secret of the webhook's signature: `whsec_` and base64. */
  readonly ALERT_WEBHOOK_SECRET?: string | undefined;
  /** The URL of an incoming webhook of Slack. */
  readonly ALERT_SLACK_URL?: string | undefined;
  /** A URL that is called after each evaluation, so that its service notices when the evaluations stop. */
  readonly ALERT_HEARTBEAT_URL?: string | undefined;
  /** The memory of the Redis plan, in bytes. Without it, the alert `redis-memory` is unknown. */
  readonly REDIS_MEMORY_LIMIT?: number | undefined;
}
