/** Secrets never reach the log, by fields, texts, nesting or errors. An entry is always exactly one line. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createLog, type Fields, type LogOptions } from '../../src/platform/log.ts';
import { growth, LINEAR } from '../support/growth.ts';

function record(options: Pick<LogOptions, 'level' | 'messages'> = {}) {
  const lines: string[] = [];
  const log = createLog({ now: () => Date.UTC(2026, 10, 20), write: (line) => lines.push(line), ...options });
  return { log, lines };
}

/** The line that these fields make. */
function line(fields: Fields): string {
  const { log, lines } = record();
  log.info('event', fields);
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}
const parsed = (fields: Fields) => JSON.parse(line(fields)) as Record<string, unknown>;

const HIDDEN = 'S3cretS3cretS3cretS3cretS3cretS3';

describe('form', () => {
  test('one JSON object a line, with time, level and event', () => {
    expect(parsed({ text: 'two\nlines', tenant: 'acme' })).toEqual({
      time: '2026-11-20T00:00:00.000Z',
      level: 'info',
      event: 'event',
      text: 'two\nlines',
      tenant: 'acme',
    });
    expect(line({ text: 'two\nlines\r\u2028' })).not.toMatch(/[\n\r]/);
  });

  test('only from the wanted level on', () => {
    const { log, lines } = record({ level: 'warn' });
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
    expect(lines.map((each) => (JSON.parse(each) as { level: string }).level)).toEqual(['warn', 'error']);
  });

  test('a log with fields of its own writes them on every line, cleaned too', () => {
    const { log, lines } = record();
    const child = log.with({ requestId: 'r1', token: HIDDEN }).with({ tenant: 'acme' });
    child.info('a', { tenant: 'other' });
    log.info('b');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ requestId: 'r1', tenant: 'other' });
    expect(lines.join()).not.toContain(HIDDEN);
    expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('requestId');
  });

  test('values that JSON cannot express do not break the line', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const fields = parsed({ cycle, big: 10n, nothing: undefined, nan: Number.NaN, fn: () => 1, day: new Date(0) });
    expect(fields).toMatchObject({ big: '10', nan: null, day: '1970-01-01T00:00:00.000Z' });
    expect(parsed({ never: new Date(Number.NaN) })['never']).toBeNull();
    expect(JSON.stringify(fields['cycle'])).toContain('[deep]');
    expect(parsed({ many: Array.from({ length: 100 }, (_, index) => index) })['many']).toHaveLength(20);
  });
});

describe('fields whose name says that they hold a secret are dropped', () => {
  test.each([
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'password',
    'newPassword',
    'passphrase',
    'secret',
    'clientSecret',
    'token',
    'accessToken',
    'refresh_token',
    'apiKey',
    'api_key',
    'x-api-key',
    'signature',
    'Upstash-Signature',
    'sessionId',
    'code_hash',
    'codeHash',
    'otp',
    'credentials',
    'privateKey',
  ])('%s', (name) => {
    expect(line({ [name]: HIDDEN })).not.toContain(HIDDEN);
    expect(line({ request: { headers: [{ [name]: HIDDEN }] } })).not.toContain(HIDDEN);
  });
});

describe('texts that have the form of a credential are masked anywhere in a value', () => {
  const credentials: [name: string, text: string, kept?: string][] = [
    ['an API key', `hf_acme_demo00000001_${HIDDEN}`, 'hf_acme_demo00000001'],
    ['an API key in a text', `the key=hf_acme_demo00000001_${HIDDEN}, he said`, 'he said'],
    ['an API key glued to other text', `x_hf_acme_demo00000001_${HIDDEN}`],
    ['an API key in a URL', `/deals?key=hf_acme_demo00000001_${HIDDEN}`, '/deals'],
    ['a bearer header', `Authorization: Bearer ${HIDDEN}`, 'Bearer'],
    ['a bearer header in small letters', `bearer ${HIDDEN}`],
    ['a basic header', `basic ${HIDDEN}==`],
    ['a JSON web token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${HIDDEN}`],
    ['a JSON web token glued to other text', `x-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${HIDDEN}`],
    ['a QStash signing key', `sig_${HIDDEN}`],
    ['a mail provider’s key', `re_abcdef12_${HIDDEN}`],
    ['a key of AUTH_KEYS', `using k2:${HIDDEN}AAAAAAAAAAA= now`, 'k2:'],
    ['the hash of a password', `$scrypt$ln=14,r=8,p=5$abcdefghijklmnopqrstuv$${HIDDEN}`],
    ['the challenge of a code', `__Host-challenge=c1.k1.WyJhQGIuZXhhbXBsZSIsbnVsbF0.${HIDDEN}`],
    ['a session token glued to other text', `_v1.acme.bucket.sid.${HIDDEN}`],
    ['a cookie header', `Cookie: theme=dark; sid=${HIDDEN}`],
    ['a set-cookie header', `set-cookie: sid=${HIDDEN}; HttpOnly`],
    ['a session cookie', `__Host-session=v1.acme.bucket.sid.${HIDDEN}`],
    ['a refresh token', `r1.acme.bucket.family.7.${HIDDEN}.${HIDDEN}`],
    ['a connection string', `connecting to postgres://app:${HIDDEN}@db.example:5432/x`, 'db.example'],
    ['a connection string without a user', `rediss://:${HIDDEN}@redis.example`, 'redis.example'],
  ];

  test.each(credentials)('%s', (_name, text, kept = '') => {
    for (const fields of [{ text }, { deep: { list: [{ text }] } }]) {
      expect(line(fields)).not.toContain(HIDDEN);
      expect(line(fields)).toContain('[secret]');
      expect(line(fields)).toContain(kept);
    }
    const twice = line({ text: `${text}\n${text}` });
    expect(twice).not.toContain(HIDDEN);
  });

  test('the work of cleaning a text grows with its length, for every form of credential', () => {
    const pieces = [
      'eyJ-',
      'eyJa.',
      'hf_',
      'hf_a-',
      'v1.',
      'v1.a ',
      'c1.',
      'bearer ',
      'a://',
      'a:',
      '$scrypt$',
      're_a',
    ];
    // The work was quadratic when each start position read the characters again.
    const clean = (size: number) => {
      for (const piece of pieces) line({ text: piece.repeat(size / piece.length) });
    };
    expect(growth(clean, 16_000)).toBeLessThan(LINEAR);
  });

  test('ordinary texts stay as they are', () => {
    for (const text of [
      'c1.2.3',
      'sha256:abc=',
      '/deals/deal_01JD',
      'v1.2.3',
      'basically bearers',
      'https://a.example:443/x@y',
      'cookies',
      'hf:acme:q:deal',
    ]) {
      expect(parsed({ text })['text']).toBe(text);
    }
  });

  test('bytes are not written', () => {
    expect(line({ body: Buffer.from(HIDDEN), list: [new Uint8Array([83, 51])] })).not.toMatch(/83|51/);
  });
});

describe('errors', () => {
  class OurError extends Error {
    override readonly name = 'OurError';
    readonly code = 'OUR_CODE';
  }

  test('a foreign error gives its class, its place and the plain words of its message', () => {
    const error = new TypeError(`invalid input "${HIDDEN}"\n    at ${HIDDEN} (file.ts:1:1)\n at ${HIDDEN}`);
    const logged = parsed({ error })['error'] as { name: string; stack: string[] };
    expect(logged).toEqual({ name: 'TypeError', message: 'invalid input […] at […]', stack: expect.any(Array) });
    expect(logged.stack.length).toBeGreaterThan(0);
    expect(logged.stack.join('\n')).toContain('log.test.ts');
    expect(JSON.stringify(logged)).not.toContain(HIDDEN);
  });

  test('the old message in the stack is not logged when the message has changed since', () => {
    const error = new Error(`    at ${HIDDEN}`);
    error.message = 'harmless';
    expect(line({ error })).not.toContain(HIDDEN);
  });

  test.each(['ECONNREFUSED', 'P2002', 'ERR_INVALID_ARG_TYPE'])(
    'a foreign error with code %s gives its code, and nothing of its message, data or cause',
    (code) => {
      const error = Object.assign(new Error(HIDDEN), { code, meta: { target: HIDDEN }, cause: new Error(HIDDEN) });
      expect(parsed({ error })['error']).toMatchObject({ name: 'Error', code });
      expect(line({ error })).not.toContain(HIDDEN);
    },
  );

  test('an error of ours gives its message, masked', () => {
    const error = new OurError(`refused hf_acme_demo00000001_${HIDDEN}`);
    expect(parsed({ error })['error']).toMatchObject({
      name: 'OurError',
      code: 'OUR_CODE',
      message: expect.stringMatching(/^refused hf_acme/),
    });
    expect(line({ error })).not.toContain(HIDDEN);
  });

  test('up to three causes of an error are logged by the same rules', () => {
    let error = new Error(`the first ${HIDDEN}`);
    for (const name of ['second', 'third', 'fourth', 'fifth']) {
      error = new Error(`the ${name} ${HIDDEN}`, { cause: error });
    }
    const messages: string[] = [];
    type Logged = { message: string; cause?: Logged };
    for (let each = parsed({ error })['error'] as Logged | undefined; each; each = each.cause)
      messages.push(each.message);
    expect(messages).toEqual(['the fifth […]', 'the fourth […]', 'the third […]', 'the second […]']);
    expect(line({ error: Object.assign(new OurError('no'), { cause: new Error(HIDDEN) }) })).not.toContain(HIDDEN);
  });

  test.each([
    ['a text', HIDDEN],
    ['an object', { message: HIDDEN, word: HIDDEN }],
    ['a list', [HIDDEN]],
  ])('%s that was thrown is logged by the same rules', (_what, error) => {
    expect(line({ error })).not.toContain(HIDDEN);
    expect(parsed({ error })['error']).toMatchObject({ name: typeof error });
  });

  test('a code of Node’s fetch is not one of ours', () => {
    const error = Object.assign(new Error(`other side closed ${HIDDEN}`), { code: 'UND_ERR_SOCKET' });
    expect(parsed({ error })['error']).toMatchObject({ code: 'UND_ERR_SOCKET', message: 'other side closed […]' });
  });

  test('4/B1 where messages are shown, the whole message is logged except credentials', () => {
    const { log, lines } = record({ messages: 'shown' });
    const cause = new Error('invalid input "Ada Lovelace"');
    log.error('event', { error: new TypeError(`no Ada in 4711, Bearer ${HIDDEN}`, { cause }) });
    expect(JSON.parse(lines[0] ?? '')['error']).toMatchObject({
      message: 'no Ada in 4711, Bearer[secret]',
      cause: { name: 'Error', message: cause.message, stack: expect.any(Array) },
    });
  });

  test('4/B1 frames in Node name the line of the source', () => {
    const error = new Error('here');
    const [frame] = (parsed({ error })['error'] as { stack: string[] }).stack;
    const at = Number(/log\.test\.ts:(\d+):\d+/.exec(frame ?? '')?.[1]);
    expect(readFileSync(import.meta.filename, 'utf8').split('\n')[at - 1]).toContain("new Error('here')");
  });

  test('nested in fields, in lists, and with a name that is no name', () => {
    const error = Object.assign(new Error(HIDDEN), { name: `Bearer ${HIDDEN}`, code: `sig_${HIDDEN}` });
    expect(line({ a: { b: [error] } })).not.toContain(HIDDEN);
  });
});
