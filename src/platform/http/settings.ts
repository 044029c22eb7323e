/** The settings that rooms read from a scope. `src/app/env.ts` reads them from the environment and checks them. */

/** Names are those of the environment's variables. */
export interface Settings {
  readonly HOLDFAST_MODE: 'local' | 'production';
  /** Where callers reach the API: an origin, without a path. */
  readonly APP_URL: string;
  /** Where QStash delivers, if not to `APP_URL`. */
  readonly JOBS_URL?: string | undefined;
  /** Other origins whose pages may call the API with its cookies. */
  readonly CORS_ORIGINS: readonly string[];
  readonly QSTASH_URL: string;
  readonly QSTASH_TOKEN: string;
  readonly QSTASH_CURRENT_SIGNING_KEY: string;
  readonly QSTASH_NEXT_SIGNING_KEY: string;
  /** How often an isolate adds its counts to the shared ones, in ms. */
  readonly CACHE_STATISTICS_MS: number;
  /** How often an isolate drains the outbox after a request, in ms; 0 for never. */
  readonly OUTBOX_DRAIN_INTERVAL_MS: number;
  /** Whether strangers may sign up tenants. */
  readonly SIGN_UP: 'open' | 'closed';
  /** The tenant whose administrators are operators. */
  readonly OPERATOR_TENANT?: string | undefined;
  /** How much logs, job records and answers tell of unknown errors. */
  readonly ERROR_MESSAGES: 'shown' | 'redacted';
}
