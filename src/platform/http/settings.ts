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
  /** The interval in which an isolate adds its counts to the shared counts, in ms. */
  readonly CACHE_STATISTICS_MS: number;
  /** The interval in which an isolate drains the outbox after requests, in ms; 0 for never. */
  readonly OUTBOX_DRAIN_INTERVAL_MS: number;
  /** `open` if strangers may sign up tenants. */
  readonly SIGN_UP: 'open' | 'closed';
  /** The tenant whose administrators are operators. */
  readonly OPERATOR_TENANT?: string | undefined;
  /** `shown` if logs, job records and answers show the messages of unknown errors. */
  readonly ERROR_MESSAGES: 'shown' | 'redacted';
}
