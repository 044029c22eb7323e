/** The configuration: defaults a beginner wants, and errors that name the variable and never its value. */
import { describe, expect, test } from 'vitest';
import { LOCAL_SECRETS } from '../../dev/cloud/secrets.ts';
import { SDK_DEV } from '../../dev/qstash/sdk-dev-mode.ts';
import { EnvironmentError, readEnvironment, readQstashEnvironment } from '../../src/app/env.ts';

const least = {
  UPSTASH_REDIS_REST_URL: 'https://redis.example',
  UPSTASH_REDIS_REST_TOKEN: 'token',
  DATABASE_URL: 'postgresql://app:pw@db.example/app',
  AUTH_KEYS: `k1:${'A'.repeat(43)}=`,
  APP_URL: 'https://api.example',
  MAIL_TOKEN: 're_token',
  QSTASH_TOKEN: 'qstash-token',
  QSTASH_CURRENT_SIGNING_KEY: 'sig_current',
  QSTASH_NEXT_SIGNING_KEY: 'sig_next',
};

/** The error that a configuration causes. */
function errorOf(source: Record<string, unknown>): EnvironmentError {
  try {
    readEnvironment(source);
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted');
}

test('what is left out has a default', () => {
  expect(readEnvironment(least)).toMatchObject({
    ...least,
    HOLDFAST_MODE: 'production',
    REDIS_TIMEOUT_MS: 300,
    REDIS_COALESCE: 'all',
    REDIS_COMMAND_AUDIT: 'off',
    WRITES_WHEN_REDIS_IS_DOWN: 'available',
    LOG_LEVEL: 'info',
  });
});

test('4/B1 messages of errors are shown in local mode, and in no other', () => {
  const errorMessages = (source: object) => readEnvironment({ ...least, ...source }).ERROR_MESSAGES;
  expect([errorMessages({}), errorMessages({ HOLDFAST_MODE: 'local' })]).toEqual(['redacted', 'shown']);
  expect(errorMessages({ HOLDFAST_MODE: 'local', ERROR_MESSAGES: 'redacted' })).toBe('redacted');
  expect(errorMessages({ ERROR_MESSAGES: '' })).toBe('redacted');
  expect(errorOf({ ...least, ERROR_MESSAGES: 'shown' }).message).toBe(
    'The environment is not usable. ERROR_MESSAGES: must be redacted unless HOLDFAST_MODE is local',
  );
});

test('a deployment refuses the public keys of the local cloud', () => {
  const { authKeys, sealKeys } = LOCAL_SECRETS;
  const local = { ...least, AUTH_KEYS: authKeys, SEAL_KEYS: sealKeys };
  expect(readEnvironment({ ...local, HOLDFAST_MODE: 'local' }).AUTH_KEYS).toBe(authKeys);
  expect(errorOf({ ...least, AUTH_KEYS: authKeys }).message).toContain('AUTH_KEYS:');
  expect(errorOf({ ...least, SEAL_KEYS: `${least.AUTH_KEYS},${sealKeys}` }).message).toContain('SEAL_KEYS:');
});

test.each(['UPSTASH_REDIS_REST_URL', 'QSTASH_URL', 'APP_URL', 'JOBS_URL', 'MAIL_URL'])(
  '1/M9: %s without TLS is refused by name, except in local mode',
  (name) => {
    const plain = { ...least, [name]: 'http://plain.example' };
    expect(errorOf(plain).message).toBe(
      `The environment is not usable. ${name}: must begin with https:// unless HOLDFAST_MODE is local`,
    );
    expect(readEnvironment({ ...plain, HOLDFAST_MODE: 'local' })).toMatchObject({ [name]: 'http://plain.example' });
  },
);

test.each(['QSTASH_CURRENT_SIGNING_KEY', 'QSTASH_NEXT_SIGNING_KEY'])(
  '%s: the public keys of development are refused by name, except in local mode',
  (name) => {
    for (const key of Object.values(SDK_DEV.keys)) {
      const environment = { ...least, [name]: key };
      expect(errorOf(environment).message).toBe(
        `The environment is not usable. ${name}: must not be QStash's key for development, because it is public`,
      );
      expect(readEnvironment({ ...environment, HOLDFAST_MODE: 'local' })).toMatchObject({ [name]: key });
    }
  },
);

test('origins are kept without path and slash', () => {
  const { APP_URL, CORS_ORIGINS } = readEnvironment({
    ...least,
    APP_URL: 'https://api.example/',
    CORS_ORIGINS: 'https://app.example/, http://localhost:3000',
  });
  expect([APP_URL, CORS_ORIGINS]).toEqual(['https://api.example', ['https://app.example', 'http://localhost:3000']]);
});

test('an optional variable may be empty', () => {
  const { JOBS_URL, SEAL_KEYS, OPERATOR_TENANT } = readEnvironment({
    ...least,
    JOBS_URL: '',
    SEAL_KEYS: '',
    OPERATOR_TENANT: '',
  });
  expect([JOBS_URL, SEAL_KEYS, OPERATOR_TENANT]).toEqual([undefined, undefined, undefined]);
  expect(readEnvironment({ ...least, JOBS_URL: 'https://x.lambda-url.test/' }).JOBS_URL).toBe(
    'https://x.lambda-url.test',
  );
});

test('unknown variables are ignored', () => {
  expect(readEnvironment({ ...least, PATH: '/bin', AWS_SECRET_ACCESS_KEY: 'x' })).not.toHaveProperty('PATH');
});

test('on Workers the database is the Hyperdrive binding', () => {
  const connectionString = 'postgresql://hyper:pw@drive.example/app';
  expect(readEnvironment({ ...least, HYPERDRIVE: { connectionString } }).DATABASE_URL).toBe(connectionString);
  expect(readEnvironment({ ...least, HYPERDRIVE: {} }).DATABASE_URL).toBe(least.DATABASE_URL);
});

test('a script that calls QStash for a deployment needs only APP_URL and the QStash variables', () => {
  const { APP_URL, QSTASH_TOKEN } = least;
  const read = { APP_URL, QSTASH_TOKEN, QSTASH_URL: 'https://qstash.upstash.io' };
  expect(readQstashEnvironment({ ...least, APP_URL: `${APP_URL}/` })).toEqual(read);
  expect(() => readQstashEnvironment({ APP_URL: 'S3cret' })).toThrow(
    /^(?!.*(S3cret|QSTASH_URL)).*APP_URL: .*QSTASH_TOKEN: /,
  );
});

describe('errors', () => {
  test('name every variable that is missing', () => {
    const { message, code, name } = errorOf({});
    for (const variable of Object.keys(least)) expect(message).toContain(variable);
    expect([name, code]).toEqual(['EnvironmentError', 'ENV_INVALID']);
    expect(message).not.toContain('LOG_LEVEL');
  });

  const hidden = 'S3cret-Value';
  test.each([
    ['UPSTASH_REDIS_REST_URL', `redis://default:${hidden}@redis.example`],
    ['UPSTASH_REDIS_REST_URL', hidden],
    ['UPSTASH_REDIS_REST_URL', 42],
    ['UPSTASH_REDIS_REST_TOKEN', ''],
    ['UPSTASH_REDIS_REST_TOKEN', { [hidden]: hidden }],
    ['DATABASE_URL', `mysql://app:${hidden}@db.example`],
    ['DATABASE_URL', ''],
    ['REDIS_TIMEOUT_MS', hidden],
    ['REDIS_TIMEOUT_MS', '9'],
    ['REDIS_TIMEOUT_MS', '30001'],
    ['REDIS_TIMEOUT_MS', '1.5'],
    ['REDIS_COALESCE', hidden],
    ['REDIS_COMMAND_AUDIT', hidden],
    ['WRITES_WHEN_REDIS_IS_DOWN', hidden],
    ['SEAL_KEYS', `k1:${hidden}`],
    ['SEAL_KEYS', `k1:${'A'.repeat(43)}=,k2:${hidden}`],
    ['CACHE_MEMORY_CHANNEL', hidden],
    ['COUNTERS_FLUSH_MS', hidden],
    ['OUTBOX_DRAIN_INTERVAL_MS', hidden],
    ['OUTBOX_DRAIN_INTERVAL_MS', '-1'],
    ['AUTH_KEYS', hidden],
    ['AUTH_KEYS', ''],
    ['APP_URL', hidden],
    ['JOBS_URL', hidden],
    ['CORS_ORIGINS', `https://a.example,${hidden}`],
    ['QSTASH_URL', hidden],
    ['QSTASH_TOKEN', ''],
    ['QSTASH_CURRENT_SIGNING_KEY', ''],
    ['QSTASH_NEXT_SIGNING_KEY', ''],
    ['MAIL_URL', hidden],
    ['MAIL_TOKEN', ''],
    ['MAIL_FROM', ''],
    ['LOG_LEVEL', hidden],
    ['HOLDFAST_MODE', hidden],
    ['HOLDFAST_MODE', ''],
  ])('%s: %j names the variable and not the value', (variable, value) => {
    const { message } = errorOf({ ...least, [variable]: value });
    expect(message).toContain(`${variable}:`);
    expect(message).not.toContain(hidden);
    for (const other of Object.keys(least).filter((name) => name !== variable)) expect(message).not.toContain(other);
  });

  test('tell the rule and an example of the form, in words of this project', () => {
    for (const variable of Object.keys(readEnvironment(least))) {
      const { message } = errorOf({ ...least, [variable]: { [hidden]: hidden } });
      expect(message).toMatch(
        new RegExp(
          `^The environment is not usable\\. ${variable}: must be (?:.+, such as .+|\\w[\\w-]*(?: or [\\w-]+)+)$`,
        ),
      );
    }
    expect(errorOf({ ...least, REDIS_TIMEOUT_MS: '9' }).message).toBe(
      'The environment is not usable. REDIS_TIMEOUT_MS: must be a whole number from 10 to 30000, such as 300',
    );
    expect(errorOf({ ...least, APP_URL: undefined, AUTH_KEYS: '' }).message).toBe(
      'The environment is not usable. AUTH_KEYS: is missing; it must be keys id:base64 of 32 bytes each, separated by ' +
        'commas, such as k1: and the output of `openssl rand -base64 32`; APP_URL: is missing; it must be a URL, such as ' +
        'https://api.example.com',
    );
  });

  test('the error of a wrong Hyperdrive binding names DATABASE_URL', () => {
    const { message } = errorOf({ ...least, HYPERDRIVE: { connectionString: `mysql://app:${hidden}@db` } });
    expect(message).toContain('DATABASE_URL');
    expect(message).not.toContain(hidden);
  });

  test('every variable is covered: each refuses an object, by its name', () => {
    for (const variable of Object.keys(readEnvironment(least))) {
      const { message } = errorOf({ ...least, [variable]: { [hidden]: hidden } });
      expect(message).toContain(`${variable}:`);
      expect(message).not.toContain(hidden);
    }
  });
});

describe('OpenTelemetry', () => {
  test('headers of the collector have percent-encoded values, which may have further signs of equality', () => {
    const headersOf = (text: string) =>
      readEnvironment({ ...least, OTEL_EXPORTER_OTLP_HEADERS: text }).OTEL_EXPORTER_OTLP_HEADERS;
    expect(headersOf('')).toEqual({});
    expect(headersOf('authorization=Bearer%20abc==, x-team = kelp%2Ccare ,')).toEqual({
      authorization: 'Bearer abc==',
      'x-team': 'kelp,care',
    });
  });

  test.each(['name', '=value', 'a=%', 'a=%zz', 'a=b,c'])('headers of the form %j are refused', (text) => {
    expect(errorOf({ ...least, OTEL_EXPORTER_OTLP_HEADERS: text }).message).toBe(
      'The environment is not usable. OTEL_EXPORTER_OTLP_HEADERS: must be name=value,name=value with percent-encoded ' +
        'values, such as authorization=Bearer%20abc',
    );
  });

  test('the share of traces is 1 by default, and a number from 0 to 1', () => {
    const shareOf = (text?: string) =>
      readEnvironment({ ...least, OTEL_TRACES_SAMPLER_ARG: text }).OTEL_TRACES_SAMPLER_ARG;
    expect([shareOf(), shareOf(''), shareOf('0'), shareOf('0.25')]).toEqual([1, 1, 0, 0.25]);
    for (const text of ['-1', '2', 'all']) {
      expect(errorOf({ ...least, OTEL_TRACES_SAMPLER_ARG: text }).message).toBe(
        'The environment is not usable. OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1, such as 0.1',
      );
    }
  });
});
