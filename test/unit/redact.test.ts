/** Foreign messages keep only plain words: a table of real messages of libraries, and randomly drawn values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LEFT_OUT, redactMessage } from '../../src/platform/redact.ts';

/** The message of the error that the function throws. */
async function thrownBy(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return expect.fail('threw nothing');
}

const parse = (text: string) => thrownBy(() => JSON.parse(text));
const written: [who: string, message: string, redacted: string][] = [
  ['V8', 'the loader blew up: details here', 'the loader blew up: details here'],
  ['V8', "Cannot read properties of undefined (reading 'name')", 'Cannot read properties of undefined […]'],
  ['V8', 'Maximum call stack size exceeded', 'Maximum call stack size exceeded'],
  ['JSON.parse', await parse('hunter two'), 'Unexpected token […] is not valid JSON'],
  ['JSON.parse', await parse('{"password":"correct horse'), 'Unterminated string in JSON at position 26 […]'],
  ['JSON.parse', await parse('[1, "Ada Lovelace", oops]'), 'Unexpected token […] is not valid JSON'],
  ['fetch', 'fetch failed', 'fetch failed'],
  [
    'fetch',
    await thrownBy(() => fetch('http://ada:kelpkelp@db.example/')),
    'Request cannot be constructed from a URL that includes credentials: […]',
  ],
  ['fetch', await thrownBy(() => fetch('kelp.example/?q=ada')), 'Failed to parse URL from […]'],
  ['net', 'connect ECONNREFUSED 10.0.0.7:5432', 'connect ECONNREFUSED […]'],
  ['net', 'getaddrinfo ENOTFOUND redis.internal', 'getaddrinfo ENOTFOUND […]'],
  ['zod', await thrownBy(() => z.object({ age: z.literal('Ada') }).parse({ age: 'Eve' })), LEFT_OUT],
  ['zod', await thrownBy(() => z.strictObject({}).parse({ 'ada@kelp.example': 1 })), LEFT_OUT],
  [
    'pg',
    'duplicate key value violates unique constraint "users_email_key"',
    'duplicate key value violates unique constraint […]',
  ],
  ['pg', 'Key (email)=(ada lovelace) already exists.', 'Key […] already exists.'],
  ['pg', 'invalid input syntax for type uuid: "it\'s "ada" or eve"', 'invalid input syntax for type uuid: […]'],
  ['pg', 'Failing row contains (7, ada, secret word, null).', 'Failing row contains […].'],
  [
    'pg',
    'null value in column "name" of relation "users" violates not-null constraint',
    'null value in column […] violates not-null constraint',
  ],
  ['pg', 'password authentication failed for user "ada"', 'password authentication failed for user […]'],
  [
    'Prisma',
    '\nInvalid `prisma.user.create()` invocation in\n/app/a.ts:7:1\n\n{ data: { email: "ada@kelp.example" } }\n\nUnknown argument `emial`. Did you mean `email`?',
    'Invalid […]?',
  ],
  ['Prisma', 'Raw query failed. Code: `22P02`. Message: `invalid input: "ada"`', 'Raw query failed. Code: […]'],
  [
    'Upstash',
    'WRONGTYPE Operation against a key, command was: ["set","hf:acme:s:1","{\\"name\\":\\"ada\\"}"]',
    '[…] against a key, command was: […]',
  ],
  [
    'Upstash',
    'ERR value is not an integer, command was: [["incrby","hf:acme:l","eve"],["get","ada"]]',
    '[…] value is not an integer, command was: […]',
  ],
  ['Redis', "ERR unknown command 'SETT', with args beginning with: 'key' 'ada lovelace' ", '[…] unknown command […]'],
  ['an HTTP client', 'Request failed with status code 503', 'Request failed with status code 503'],
  ['an HTTP client', 'GET https://ada:kelp@api.example/u?email=ada@kelp.example failed', LEFT_OUT],
  [
    'an HTTP client',
    'timeout of 300 ms exceeded for api.example/users/ada?token=kelp',
    'timeout of 300 ms exceeded for […]',
  ],
  ['an HTTP client', 'server said: <p>Hello Ada</p> bye', 'server said: […] bye'],
  ['an app', 'No contact named Ada Lovelace of Kelp & Sons', 'No contact named […] of […]'],
  ['an app', "Can't charge card 4111 1111 1111 1111 for ada@kelp.example", "Can't charge card […] for […]"],
  ['an app', 'call 030 123 45 67 or +49/30/12-34 at 8', 'call […] or […] at 8'],
  ['an app', 'The code 48151623 is used up. Ask again', 'The code […] is used up. Ask again'],
  ['an app', 'cannot sign in with password: correct horse battery', 'cannot sign in with password: […]'],
  ['an app', 'api_key: kelp, user eve', '[…]: […]'],
  ['an app', 'refused correcthorsebatterystaple and S3cret and correct-horse-battery', 'refused […] and […] and […]'],
  ['an app', 'bearer kelp is refused', 'bearer […] is refused'],
  ['an app', 'sent to 0123456789abcdef0123456789abcdef by 550e8400-e29b-41d4-a716-446655440000', 'sent to […] by […]'],
  ['an app', 'unclosed "Ada Lovelace', 'unclosed […]'],
  ['an app', 'user = eve is gone', 'user […]'],
  ['an app', 'the row (1) of user = eve is gone', 'the row […] of user […]'],
  ['an app', 'a word ada1234eve and ada12.34eve', 'a word […] and […]'],
  ['an empty message', '', ''],
];

test.each(written)('4/B1 %s: %j', (_who, message, redacted) => {
  expect(redactMessage(message)).toBe(redacted);
});

describe('a drawn value', { timeout: 30_000 }, () => {
  const templates: [(value: string) => string, string][] = [
    [(value) => `bad value "${value}" is not valid`, 'bad value […] is not valid'],
    [(value) => `Key (email)=(${value}) already exists`, 'Key […] already exists'],
    [(value) => `cannot read '${value}' here`, 'cannot read […] here'],
    [(value) => `refused, command was: ${JSON.stringify(['set', value])}`, 'refused, command was: […]'],
  ];

  test('4/B1 leaves no trace when it is quoted or in brackets', () => {
    const words = fc.constantFrom(
      'ada ',
      '"',
      "'",
      '(',
      ')',
      '[',
      '}',
      '`',
      "it's ",
      ': ',
      '=',
      '\n',
      '\\',
      '<b>',
      'ada',
    );
    const value = fc.oneof(
      fc.string({ maxLength: 100 }),
      fc.array(words, { maxLength: 20 }).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...templates), value, ([write, redacted], drawn) => {
        expect(redactMessage(write(drawn))).toBe(redacted);
      }),
      { numRuns: 300 },
    );
  });

  test('4/B1 leaves no trace without quotes either, if it is a random text or a long number', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 32 }).map((each) => Buffer.from(each));
    const word = fc.string({ unit: fc.constantFrom(...'adeklp'), minLength: 1, maxLength: 9 });
    const value = fc.oneof(
      bytes.map((each) => each.toString('base64url')),
      bytes.map((each) => each.toString('hex')),
      fc.uuid(),
      fc.tuple(word, word).map(([name, host]) => `${name}@${host}.example`),
      fc.ipV4(),
      fc.integer({ min: 1_000 }).map(String),
      fc.tuple(word, word).map(([host, path]) => `https://${host}.example/${path}`),
    );
    fc.assert(
      fc.property(value, (drawn) => {
        expect(redactMessage(`no value ${drawn} of ${drawn}`)).not.toContain(drawn);
      }),
      { numRuns: 300 },
    );
  });
});

test('4/B1 a message of any content is cut, even if it is very long', () => {
  expect(redactMessage('word '.repeat(1_000)).length).toBeLessThanOrEqual(300);
  for (const piece of ['"', "'", '(', 'a', 'a-', "a'", '[…] ', '1', '= ', 'Ada ', ': ', '\n']) {
    expect(redactMessage(piece.repeat(128_000)).length).toBeLessThanOrEqual(300);
  }
});
