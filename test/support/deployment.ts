/** The variables of a deployment whose servers do not exist, for what needs no network. */
const KEY = `k1:${Buffer.alloc(32, 1).toString('base64')}`;

export function deploymentVariables(): Record<string, string> {
  return {
    UPSTASH_REDIS_REST_URL: 'https://redis.example',
    UPSTASH_REDIS_REST_TOKEN: 'redis-token',
    DATABASE_URL: 'postgresql://app:password@database.example/app',
    APP_URL: 'https://api.example.com',
    AUTH_KEYS: KEY,
    SEAL_KEYS: KEY,
    AUDIT_SIGNING_KEYS: KEY,
    OPERATOR_TENANT: 'kelp',
    ALERT_MAIL_TO: 'operators@example.com',
    QSTASH_TOKEN: 'qstash-token',
    QSTASH_CURRENT_SIGNING_KEY: 'sig_current',
    QSTASH_NEXT_SIGNING_KEY: 'sig_next',
    MAIL_TOKEN: 'mail-token',
    MAIL_FROM: 'Kelp <no-reply@example.com>',
  };
}
