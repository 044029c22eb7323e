/** The settings that rooms read from a scope. `src/app/env.ts` reads them from the environment and checks them. */

/** The settings. Their names are those of the environment variables. */
export interface Settings {
  readonly HOLDFAST_MODE: 'local' | 'production';
  /** The address of the API for callers: an origin, without a path. */
  readonly APP_URL: string;
  /** The address of QStash's deliveries. Default: `APP_URL`. */
  readonly JOBS_URL?: string | undefined;
  /** Other origins whose pages may call the API with its cookies. */
  readonly CORS_ORIGINS: readonly string[];
  readonly QSTASH_URL: string;
  readonly QSTASH_TOKEN: string;
  readonly QSTASH_CURRENT_SIGNING_KEY: string;
  readonly QSTASH_NEXT_SIGNING_KEY: string;
  /** The shortest time between two flushes of an isolate's counters, in ms. */
  readonly COUNTERS_FLUSH_MS: number;
  /** The interval in which an isolate drains the outbox after requests, in ms; 0 for never. */
  readonly OUTBOX_DRAIN_INTERVAL_MS: number;
  /** `stream` keeps the connections of `GET /feeds` open; `poll` answers at once, and browsers come back. */
  readonly FEEDS_MODE: 'stream' | 'poll';
  /** The time between two checks of an open connection, in ms, ±20 %. */
  readonly FEEDS_CHECK_MS: number;
  /** The longest time without a frame on an open connection, in ms. */
  readonly FEEDS_HEARTBEAT_MS: number;
  /** The longest life of an open connection, in ms; each connection ends up to 20 % earlier. */
  readonly FEEDS_AGE_MS: number;
  /** The maximum number of open connections of one caller. */
  readonly FEEDS_CONNECTIONS: number;
  /** The keys that sign the seals of the audit trail, the current key first; see `audit/signing.ts`. */
  readonly AUDIT_SIGNING_KEYS?: string | undefined;
  /** The bucket that keeps the seals, its access key, and the days of its locks; see `audit/anchors.ts`. */
  readonly AUDIT_ANCHOR_URL?: string | undefined;
  readonly AUDIT_ANCHOR_KEY?: string | undefined;
  readonly AUDIT_ANCHOR_DAYS: number;
  /** `logged` keeps audited reads in Redis for up to a minute; `strict` writes them to the database first. */
  readonly AUDIT_READS: 'logged' | 'strict';
  /** The bound of the log of audited reads of a tenant, in entries. */
  readonly AUDIT_READS_BOUND: number;
  /** `open` if strangers may sign up tenants. */
  readonly SIGN_UP: 'open' | 'closed';
  /** The tenant whose administrators are operators. */
  readonly OPERATOR_TENANT?: string | undefined;
  /** The addresses that get mails about alerts. */
  readonly ALERT_MAIL_TO: readonly string[];
  /** The URL that gets messages about alerts in the form of Standard Webhooks. */
  readonly ALERT_WEBHOOK_URL?: string | undefined;
  /** The secret of the webhook's signature: `whsec_` and base64. */
  readonly ALERT_WEBHOOK_SECRET?: string | undefined;
  /** The URL of an incoming webhook of Slack that gets messages about alerts. */
  readonly ALERT_SLACK_URL?: string | undefined;
  /** A URL that is called after each evaluation of the alerts, so that its service notices when the evaluations stop. */
  readonly ALERT_HEARTBEAT_URL?: string | undefined;
  /** The memory of the Redis plan, in bytes. Without it, the alert `redis-memory` is unknown. */
  readonly REDIS_MEMORY_LIMIT?: number | undefined;
  /** `shown` if logs, job records and answers show the messages of errors from other code. */
  readonly ERROR_MESSAGES: 'shown' | 'redacted';
}
