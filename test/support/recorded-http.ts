/** Adds what goes through an app to the record of the run: the secrets it is sent and hands out, and its refusals. */
import type { LogRecord } from './log-directory.ts';
import { logRecord } from './log-record.ts';

/** A request, as far as it can hold secrets. */
export interface SentRequest {
  path: string;
  headers: Headers;
  body: string;
}

/** Fields of JSON that hold secrets, in requests and in answers. */
const SECRET_FIELDS = ['password', 'current', 'accessToken', 'refreshToken'] as const;

/** Records an exchange. What a refusal says is recorded like a line of the log: it must not tell a secret either. */
export async function recordExchange(source: string, request: SentRequest, response: Response): Promise<void> {
  const record = logRecord();
  const accepted = response.status < 400;
  // What is refused is made up, or known from before; but a password is one also if it was mistyped.
  if (accepted) recordHeaders(record, request.headers);
  if (accepted || (response.status === 401 && isOfSomebody(request.body))) recordFields(record, request.body);
  for (const cookie of response.headers.getSetCookie()) recordToken(record, 'cookie', /=([^;]*)/.exec(cookie)?.[1]);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  if (!isJson || (accepted && !request.path.startsWith('/auth/'))) return;
  const answer = await response.clone().text();
  if (accepted) recordFields(record, answer);
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

function recordFields(record: LogRecord, text: string): void {
  if (!text.startsWith('{')) return;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return;
  }
  for (const name of SECRET_FIELDS) {
    const value = fields[name];
    if (typeof value !== 'string') continue;
    // /auth/revoke answers the same to whatever it is sent, so not all of these are tokens.
    if (name.endsWith('Token')) recordToken(record, name, /^(r1\.|eyJ)/.test(value) ? value : undefined);
    else record.secret('password', value);
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
