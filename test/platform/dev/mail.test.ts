/** The local mailbox keeps messages in Resend's form, and shows them without running their HTML. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Mailbox, startMail } from '../../../dev/mail/server.ts';

let mail: Mailbox;
let now = 1_700_000_000_000;
beforeAll(async () => {
  let id = 0;
  mail = await startMail({
    token: 'secret',
    appUrl: 'http://app.test',
    now: () => now,
    ids: () => `m${++id}`,
  });
});
beforeEach(async () => {
  now = 1_700_000_000_000;
  await fetch(`${mail.url}/messages`, { method: 'DELETE' });
});
afterAll(() => mail.close());

const CODE = { from: 'Acme <hi@acme.test>', to: 'ana@acme.test', subject: 'Your code', text: '123456' };

function send(body: unknown, token = 'secret', headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${mail.url}/emails`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

test('a message is answered with its id and listed, newest first', async () => {
  const { id } = (await (await send(CODE)).json()) as { id: string };
  await send({ ...CODE, to: ['a@x.test', 'b@x.test'], subject: 'Second' });
  const messages = await (await fetch(`${mail.url}/messages`)).json();
  expect(messages).toMatchObject([
    { subject: 'Second', to: ['a@x.test', 'b@x.test'] },
    { id, ...CODE, to: ['ana@acme.test'], receivedAt: 1_700_000_000_000 },
  ]);
  expect(mail.messages()).toEqual(messages);
});

test('the mailbox can be emptied', async () => {
  await send(CODE);
  expect((await fetch(`${mail.url}/messages`, { method: 'DELETE' })).status).toBe(204);
  expect(mail.messages()).toEqual([]);
});

test.each([
  ['not JSON', '{'],
  ['no sender', { ...CODE, from: undefined }],
  ['no subject', { ...CODE, subject: undefined }],
  ['no receiver', { ...CODE, to: undefined }],
  ['an invalid receiver', { ...CODE, to: ['nobody'] }],
  ['no content', { ...CODE, text: undefined }],
])('%s is a 422', async (_name, body) => {
  const response = await send(body);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ name: 'validation_error' });
  expect(mail.messages()).toEqual([]);
});

test('sending needs the token', async () => {
  expect((await send(CODE, 'wrong')).status).toBe(401);
  expect(mail.messages()).toEqual([]);
});

test('a message repeated under its idempotency key is answered again but captured once', async () => {
  const key = (name: string) => ({ 'idempotency-key': name });
  const first = await (await send(CODE, 'secret', key('mail/1'))).json();
  expect(await (await send(CODE, 'secret', key('mail/1'))).json()).toEqual(first);
  expect(mail.messages()).toHaveLength(1);
  const changed = await send({ ...CODE, subject: 'Another' }, 'secret', key('mail/1'));
  expect(changed.status).toBe(409);
  expect(await changed.json()).toMatchObject({ name: 'invalid_idempotent_request' });
  expect(mail.messages()).toHaveLength(1);
  expect(await (await send(CODE, 'secret', key('mail/2'))).json()).not.toEqual(first);
  await send(CODE);
  await send(CODE);
  expect(mail.messages()).toHaveLength(4);
  now += 86_400_000;
  expect(await (await send(CODE, 'secret', key('mail/1'))).json()).not.toEqual(first);
  const tooLong = await send(CODE, 'secret', key('x'.repeat(257)));
  expect(tooLong.status).toBe(400);
  expect(await tooLong.json()).toMatchObject({ name: 'invalid_idempotency_key' });
  expect(mail.messages()).toHaveLength(5);
});

test('the page shows messages escaped, and their HTML only in a sandbox', async () => {
  await send({ ...CODE, subject: '<script>alert(1)</script>', html: '<b onclick="x">hi</b>' });
  const response = await fetch(mail.url);
  const page = await response.text();
  expect(response.headers.get('content-type')).toMatch(/text\/html/);
  expect(page).not.toContain('<script>');
  expect(page).toContain('&lt;script&gt;');
  expect(page).toContain('<iframe sandbox srcdoc="&lt;b onclick=&quot;x&quot;&gt;hi&lt;/b&gt;">');
  expect(page).toContain('href="http://app.test"');
});
