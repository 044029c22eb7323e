/** Adds what goes through an app to the record of the run: the secrets it is sent and hands out, and its refusals. */
import type { LogRecord } from './log-directory.ts';
import { logRecord } from './log-record.ts';

/** A request, as far as it can hold secrets. */
export interface SentRequest {
  path: string;
  headers: Headers;
  body: string;
}

/** Fields of JSON that hold secrets: those of requests, and those of answers. */
const SENT = ['password', 'current'] as const;
const HANDED_OUT = ['accessToken', 'refreshToken'] as const;

/** Records an exchange. What a refusal says is recorded like a line of the log: it must not tell a secret either. */
export async function recordExchange(source: string, request: SentRequest, response: Response): Promise<void> {
  const record = logRecord();
  const accepted = response.status < 400;
  // What is refused is made up, or known from before; but a password is one also if it was mistyped.
  if (accepted) recordHeaders(record, request.headers);
  if (accepted || (response.status === 401 && isOfSomebody(request.body))) recordPasswords(record, request.body);
  for (const cookie of response.headers.getSetCookie()) recordToken(record, 'cookie', /=([^;]*)/.exec(cookie)?.[1]);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  if (!isJson || (accepted && !request.path.startsWith('/auth/'))) return;
  const answer = await response.clone().text();
  if (accepted) recordTokens(record, answer);
  else record.line(`an answer of ${source}`, answer);
}

/** The passwords of the suites' people have a space; those that a fuzz makes up stand in other fields as well. */
function isOfSomebody(body: string): boolean {
  return /"password":"[^"]* [^"]*"/.test(body);
}

function recordHeaders(record: LogRecord, headers: Headers): void {
  recordToken(record, 'credentials', headers.get('authorization')?.replace(/^bearer +/i, ''));
  for (const cookie of (headers.get('cookie') ?? '').split(';')) {
    if (/^\s*__Host-/.test(cookie)) recordToken(record, 'cookie', cookie.slice(cookie.indexOf('=') + 1));
  }
}

function recordPasswords(record: LogRecord, text: string): void {
  const fields = fieldsOf(text);
  for (const name of SENT) if (typeof fields[name] === 'string') record.secret('password', fields[name]);
}

/** Only what is handed out is a token for certain: `/auth/revoke` says yes to whatever it is sent. */
function recordTokens(record: LogRecord, text: string): void {
  const fields = fieldsOf(text);
  for (const name of HANDED_OUT) if (typeof fields[name] === 'string') recordToken(record, name, fields[name]);
}

function fieldsOf(text: string): Record<string, unknown> {
  if (!text.startsWith('{')) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** A token whole, and what proves it: its last part. */
function recordToken(record: LogRecord, kind: string, token: string | undefined): void {
  if (!token) return;
  record.secret(kind, token);
  // An API key's parts are joined by `_`, which the secrets of other tokens may hold.
  const last = token.split(token.startsWith('hf_') ? '_' : '.').at(-1) ?? '';
  if (last.length >= 16) record.secret(`the secret of ${kind}`, last);
}
