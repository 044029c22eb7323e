/**
 * The environment of an application on the local cloud: the same variables as in production, with the values of the
 * local cloud. The database is not included. The Worker gets the database from its Hyperdrive binding, whose local
 * connection string wrangler reads from wrangler's environment. Other programs add `DATABASE_URL`.
 */
import type { LocalCloud } from './local-cloud.ts';
import { LOCAL_SECRETS } from './secrets.ts';

/** The variables that make an application use this local cloud. */
export function appVariables(
  cloud: Pick<LocalCloud, 'redisRest' | 'qstash' | 'mail'> & Partial<Pick<LocalCloud, 's3'>>,
  appUrl: string,
): Record<string, string> {
  return {
    HOLDFAST_MODE: 'local',
    APP_URL: appUrl,
    UPSTASH_REDIS_REST_URL: cloud.redisRest.url,
    UPSTASH_REDIS_REST_TOKEN: cloud.redisRest.appToken ?? cloud.redisRest.token,
    // A busy machine may be slow, so these limits are much longer than the limits in production.
    REDIS_TIMEOUT_MS: '30000',
    DATABASE_CONNECT_TIMEOUT_MS: '30000',
    QSTASH_URL: cloud.qstash.url,
    QSTASH_TOKEN: cloud.qstash.token,
    QSTASH_CURRENT_SIGNING_KEY: cloud.qstash.currentSigningKey,
    QSTASH_NEXT_SIGNING_KEY: cloud.qstash.nextSigningKey,
    AUTH_KEYS: LOCAL_SECRETS.authKeys,
    SEAL_KEYS: LOCAL_SECRETS.sealKeys,
    AUDIT_SIGNING_KEYS: LOCAL_SECRETS.auditSigningKeys,
    ...(cloud.s3 && {
      AUDIT_ANCHOR_URL: `${cloud.s3.url}/holdfast-audit`,
      AUDIT_ANCHOR_KEY: `${cloud.s3.accessKeyId}:${cloud.s3.secretAccessKey}`,
    }),
    OPERATOR_TENANT: 'acme',
    ALERT_MAIL_TO: 'operators@acme.example',
    MAIL_URL: cloud.mail.url,
    MAIL_TOKEN: cloud.mail.token,
  };
}
