/** Mail reaches the mailbox once despite faults on the way; errors have a code and show no secrets. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createMailer, type Mail, MailError, type MailerOptions } from '../../../src/platform/mail/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { createWorld } from '../outbound/isolates.ts';

const { mail: mailbox } = inject('cloud');
let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

/** A `fetch` that answers, fails or passes in this order; after these steps it passes. */
type Step = 'pass' | 'answer lost' | 'unreachable' | 'hang' | (() => Response);

const answer =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

function open(steps: Step[] = [], options: Partial<MailerOptions> = {}, threshold = 5) {
  const waits: number[] = [];
  const timers: (() => void)[] = [];
  const world = createWorld(redis.rest, { threshold });
  const timer = (_ms: number, run: () => void) => {
    timers.push(run);
    return () => {};
  };
  const isolate = world.isolate({ timer });
  const asked: { url: string; init: RequestInit }[] = [];
  const mailer = createMailer({
    ...mailbox,
    from: 'Holdfast <no-reply@holdfast.example>',
    circuit: isolate.circuit,
    system: { now: () => 0, random: () => 0.5, sleep: async (ms) => void waits.push(ms) },
    async fetch(input, init = {}) {
      asked.push({ url: String(input), init });
      const step = steps.shift() ?? 'pass';
      if (typeof step === 'function') return step();
      if (step === 'unreachable') throw new TypeError(`fetch of ${input} failed`);
      if (step === 'hang') {
        const { signal } = init;
        const gone = new Promise<Response>((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        });
        timers.at(-1)?.();
        return gone;
      }
      const response = await fetch(input, init);
      if (step === 'pass') return response;
      await response.text();
      throw new TypeError('terminated');
    },
    ...options,
  });
  return { mailer, asked, waits, isolate };
}

function newMail(more: Partial<Mail> = {}): Mail {
  const to = `${newTenant()}@example.com`;
  return { to, subject: 'Grüße', text: 'text', html: '<p>html</p>', idempotencyKey: `test/${to}`, ...more };
}

async function delivered(to: string): Promise<{ id: string }[]> {
  const all = (await (await fetch(`${mailbox.url}/messages`)).json()) as { id: string; to: string[] }[];
  return all.filter((each) => each.to.includes(to));
}

/** Returns the error of a send; without an error the test fails. */
async function errorOf(sending: Promise<unknown>): Promise<MailError> {
  const error: unknown = await sending.then(
    () => 'sent',
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(MailError);
  return error as MailError;
}

describe('delivery', () => {
  test('a mail arrives unchanged with one request', async () => {
    const { mailer, asked } = open();
    const mail = newMail();
    const { id } = await mailer.send(mail);
    const { idempotencyKey, to, ...content } = mail;
    expect(await delivered(to)).toMatchObject([
      { id, to: [to], from: 'Holdfast <no-reply@holdfast.example>', ...content },
    ]);
    expect(asked).toHaveLength(1);
    expect(new Headers(asked[0]?.init.headers).get('idempotency-key')).toBe(idempotencyKey);
    expect(asked[0]?.init.redirect).toBe('manual');
  });

  test('a mail to an international domain goes to the form of the domain in ASCII', async () => {
    const { mailer } = open();
    const name = newTenant();
    await mailer.send(newMail({ to: `josé.${name}@bücher.example` }));
    expect(await delivered(`josé.${name}@xn--bcher-kva.example`)).toHaveLength(1);
  });

  test('a mail sent again with its key, even by another instance, has the same id and arrives once', async () => {
    const mail = newMail();
    const first = await open().mailer.send(mail);
    expect(await open().mailer.send(mail)).toEqual(first);
    expect(await delivered(mail.to)).toHaveLength(1);
  });

  test.each([
    ['the answer was lost', 'answer lost'],
    ['the provider failed', answer(503)],
    ['the provider could not be reached', 'unreachable'],
    ['the answer was none', answer(200, '<html>')],
    ['no answer came in time', 'hang'],
  ] satisfies [string, Step][])('when %s, the mail is sent again, and arrives once', async (_name, step) => {
    const { mailer, asked, waits } = open([step]);
    const mail = newMail();
    const { id } = await mailer.send(mail);
    expect(await delivered(mail.to)).toMatchObject([{ id }]);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.init.body).toBe(asked[0]?.init.body);
    expect(waits).toEqual([250]);
  });

  test('a mail without a key is not sent again', async () => {
    const { mailer, asked } = open(['answer lost']);
    const { idempotencyKey: _, ...mail } = newMail();
    expect(await errorOf(mailer.send(mail))).toMatchObject({ code: 'MAIL_UNAVAILABLE' });
    expect(asked).toHaveLength(1);
    expect(await delivered(mail.to)).toHaveLength(1);
  });
});

describe('failures', () => {
  test('two failures are one error: unavailable', async () => {
    const { mailer, asked } = open([answer(500), answer(503)]);
    expect(await errorOf(mailer.send(newMail()))).toMatchObject({ code: 'MAIL_UNAVAILABLE', status: 503 });
    expect(asked).toHaveLength(2);
  });

  test('two time-outs are one error too', async () => {
    const { mailer } = open(['hang', 'hang']);
    expect(await errorOf(mailer.send(newMail()))).toMatchObject({ code: 'MAIL_UNAVAILABLE', status: undefined });
  });

  test.each([
    [400, 'validation_error', 'MAIL_REFUSED'],
    [422, 'validation_error', 'MAIL_REFUSED'],
    [409, 'invalid_idempotent_request', 'MAIL_REFUSED'],
    [409, 'concurrent_idempotent_requests', 'MAIL_UNAVAILABLE'],
    [401, 'missing_api_key', 'MAIL_UNAUTHORIZED'],
    [403, 'invalid_api_key', 'MAIL_UNAUTHORIZED'],
    [429, 'rate_limit_exceeded', 'MAIL_THROTTLED'],
    [302, undefined, 'MAIL_REFUSED'],
  ])('HTTP %i %s is %s, and causes neither a retry nor an open circuit', async (status, name, code) => {
    const refusals = Array.from({ length: 3 }, () => answer(status, { name, message: 'no' }));
    const { mailer, asked } = open([...refusals], {}, 1);
    for (let time = 1; time <= 3; time += 1) {
      expect(await errorOf(mailer.send(newMail()))).toMatchObject({ code, status, reason: name });
      expect(asked).toHaveLength(time);
    }
    await mailer.send(newMail());
  });

  test('too many mails: the error has the time of the next possible one', async () => {
    const { mailer } = open([answer(429, {}, { 'retry-after': '2' }), answer(429, {}, { 'retry-after': 'soon' })]);
    expect(await errorOf(mailer.send(newMail()))).toMatchObject({ code: 'MAIL_THROTTLED', retryAfterMs: 2_000 });
    expect(await errorOf(mailer.send(newMail()))).toMatchObject({ code: 'MAIL_THROTTLED', retryAfterMs: undefined });
  });

  test('the mailbox refuses a wrong token', async () => {
    const { mailer } = open([], { token: 'wrong' });
    expect(await errorOf(mailer.send(newMail()))).toMatchObject({ code: 'MAIL_UNAUTHORIZED', status: 401 });
  });

  test('failures open the circuit; then no mail is sent, and the error has the time until it closes', async () => {
    const { mailer, asked, waits, isolate } = open([answer(500), answer(500), answer(500)], {}, 3);
    await errorOf(mailer.send(newMail()));
    await isolate.settled();
    await errorOf(mailer.send(newMail()));
    expect(asked).toHaveLength(3);
    const error = await errorOf(mailer.send(newMail()));
    expect(error).toMatchObject({ code: 'MAIL_UNAVAILABLE' });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(asked).toHaveLength(3);
    // An open circuit causes no wait: only the two earlier sends had a second attempt.
    expect(waits).toHaveLength(2);
  });
});

describe('injection', () => {
  const breaks = ['\r\nBcc: victim@example.com', '\nX: 1', '\r', '\u0000', '\u2028', '\u0085'];
  test.each([
    ...breaks.map((text): [string, Partial<Mail>] => ['a subject with a control character', { subject: `Hi${text}` }]),
    ...breaks.map((text): [string, Partial<Mail>] => ['an address with one', { to: `ana@example.com${text}` }]),
    ['a key with a line break', { idempotencyKey: 'key\r\nX: 1' }],
    ['a key that is too long', { idempotencyKey: 'k'.repeat(257) }],
    ['an empty key', { idempotencyKey: '' }],
    ['two addresses', { to: 'ana@example.com,victim@example.com' }],
    ['two addresses', { to: 'ana@example.com victim@example.com' }],
    ['two addresses', { to: 'ana@example.com;victim@example.com' }],
    ['a list', { to: 'ana@example.com,victim' }],
    ['a list', { to: 'victim;ana@example.com' }],
    ['a group', { to: 'victim:ana@example.com' }],
    ['an address with a name', { to: 'Ana <victim@example.com>' }],
    ['no address', { to: 'ana' }],
    ['an empty subject', { subject: ' ' }],
    ['a long subject', { subject: 'x'.repeat(251) }],
    ['no text', { text: '' }],
    ['no page', { html: '' }],
  ] satisfies [string, Partial<Mail>][])('%s is not sent: %j', async (_name, more) => {
    const { mailer, asked } = open();
    const error = await errorOf(mailer.send(newMail(more)));
    expect(error.code).toBe('MAIL_INVALID');
    expect(error.message).not.toContain('victim');
    expect(asked).toHaveLength(0);
  });

  test.each([
    'Holdfast',
    'Hold\r\nfast <a@example.com>',
    'a@example.com, b@example.com',
    'A <a@example.com> <b@example.com>',
    '',
  ])('the sender %j is refused immediately', (from) => {
    expect(() => open([], { from })).toThrow(MailError);
  });

  test('an address is a valid sender, with or without a name', () => {
    for (const from of ['a@example.com', 'A <a@example.com>', 'Ä, Ö <a@example.com>']) open([], { from });
  });
});

test('no error shows the token, the address, the content, or the provider’s message', async () => {
  const secret = 's3cret';
  const mail = newMail({
    subject: `Code ${secret}`,
    text: secret,
    html: secret,
    idempotencyKey: `code/${newTenant()}`,
  });
  const leaking = { message: `${mail.to} ${secret}`, name: `${mail.to} ${secret}` };
  const failing: Step[][] = [
    [answer(422, leaking)],
    [answer(401, leaking)],
    [answer(500, leaking), answer(500, leaking)],
    [answer(200, leaking), answer(200, `${mail.to} ${secret}`)],
    ['unreachable', 'unreachable'],
    ['hang', 'hang'],
    ['answer lost', 'unreachable'],
  ];
  for (const steps of failing) {
    const { mailer } = open(steps, { token: `token-${secret}`, url: `${mailbox.url}/?key=${secret}` });
    const error = await errorOf(mailer.send(mail));
    const { message, stack, cause, ...rest } = error;
    const everything = `${message} ${stack} ${String(cause)} ${JSON.stringify(rest)}`;
    for (const hidden of [secret, mail.to, mailbox.url]) expect(everything).not.toContain(hidden);
  }
});
