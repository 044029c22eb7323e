/** Adds an app's exchanges to the record of the run: the secrets in requests and answers, and the refusals. */
import type { LogRecord } from './log-directory.ts';
import { logRecord } from './log-record.ts';

/** The parts of a request that can contain secrets. */
export interface SentRequest {
  path: string;
  headers: Headers;
  body: string;
}

/** JSON fields with secrets: of requests, and of answers. */
const SENT = ['password', 'current'] as const;
const HANDED_OUT = ['accessToken', 'refreshToken'] as const;

/** Records an exchange. The body of a refusal is recorded like a log line: it must not contain a secret either. */
export async function recordExchange(source: string, request: SentRequest, response: Response): Promise<void> {
  const record = logRecord();
  const accepted = response.status < 400;
  // Refused secrets are invented, or already recorded; but even a mistyped password must stay secret.
  if (accepted) recordHeaders(record, request.headers);
  if (accepted || (response.status === 401 && isOfTestUser(request.body))) recordPasswords(record, request.body);
  for (const cookie of response.headers.getSetCookie()) recordToken(record, 'cookie', /=([^;]*)/.exec(cookie)?.[1]);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  if (!isJson || (accepted && !request.path.startsWith('/auth/'))) return;
  const answer = await response.clone().text();
  if (accepted) recordTokens(record, answer);
  else record.line(`an answer of ${source}`, answer);
}

/** The passwords of the suites' users have a space; texts invented by a fuzz test also occur in other fields. */
function isOfTestUser(body: string): boolean {
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

/** Only issued texts are certainly tokens: `/auth/revoke` accepts any text. */
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

/** Records a token whole, and its secret last part. */
function recordToken(record: LogRecord, kind: string, token: string | undefined): void {
  if (!token) return;
  record.secret(kind, token);
  // An API key's parts are joined by `_`, which may occur in the secrets of other tokens.
  const last = token.split(token.startsWith('hf_') ? '_' : '.').at(-1) ?? '';
  if (last.length >= 16) record.secret(`the secret of ${kind}`, last);
}
