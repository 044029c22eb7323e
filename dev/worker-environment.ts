/**
 * The environment of the Worker in `npm run dev`: the same names as in production, with the local cloud's values. The
 * database is not among them; it is the Hyperdrive binding, whose local connection string wrangler takes from its own
 * environment.
 */
import type { LocalCloud } from './local-cloud.ts';

/** The variables that make an application use this local cloud. */
export function workerVariables(cloud: LocalCloud, appUrl: string): Record<string, string> {
  return {
    HOLDFAST_MODE: 'local',
    APP_URL: appUrl,
    UPSTASH_REDIS_REST_URL: cloud.redisRest.url,
    UPSTASH_REDIS_REST_TOKEN: cloud.redisRest.token,
    REDIS_TIMEOUT_MS: '2000',
    QSTASH_URL: cloud.qstash.url,
    QSTASH_TOKEN: cloud.qstash.token,
    QSTASH_CURRENT_SIGNING_KEY: cloud.qstash.currentSigningKey,
    QSTASH_NEXT_SIGNING_KEY: cloud.qstash.nextSigningKey,
    MAIL_URL: cloud.mail.url,
    MAIL_TOKEN: cloud.mail.token,
  };
}
