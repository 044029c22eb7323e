/**
 * The local mailbox. It accepts mail in the form of Resend's API and sends no mail: it shows the mail as a page and as
 * JSON, for developers and tests. No mail leaves the machine.
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bearerToken, isToken } from '../http/bearer.ts';
import { readBody, sendJson, startHttpServer } from '../http/server.ts';
import type { CapturedMail } from './captured.ts';
import { mailPage } from './page.ts';

/** The running mailbox. */
export interface Mailbox {
  url: string;
  port: number;
  /** Returns the captured messages, newest first. */
  messages(): readonly CapturedMail[];
  /** Returns the state of the mailbox. A later mailbox can start from this state. */
  save(): SavedMail;
  close(): Promise<void>;
}

/** Options of {@link startMail}. */
export interface MailOptions {
  port?: number;
  token: string;
  /** The target of the page's link back to the application. */
  appUrl?: string;
  now?: () => number;
  ids?: () => string;
  /** The result of {@link Mailbox.save} of an earlier mailbox. */
  saved?: SavedMail;
}

/** Captured mail, and its idempotency keys. */
export interface SavedMail {
  messages: CapturedMail[];
  sent: Map<string, { id: string; body: string; at: number }>;
}

/** The number of messages, and of idempotency keys, that the mailbox keeps; the oldest are dropped. */
const CAPACITY = 500;
/** The time after which Resend forgets an idempotency key, in ms. */
const KEY_LIFE_MS = 86_400_000;

/**
 * Starts the mailbox: `POST /emails` (bearer token; honours `Idempotency-Key`), `GET /` (a page), `GET /messages` and
 * `DELETE /messages` (JSON).
 *
 * @throws the error of `listen`, e.g. with code `EADDRINUSE`
 */
export async function startMail(options: MailOptions): Promise<Mailbox> {
  const { token, now = Date.now, ids = randomUUID } = options;
  let messages: CapturedMail[] = options.saved?.messages ?? [];
  const sent: SavedMail['sent'] = options.saved?.sent ?? new Map();

  /** Captures a message once per idempotency key, and returns the message's id, or the problem with the key. */
  function capture(mail: NewMail, body: string, key: string | undefined): { id: string } | Refusal {
    if (key !== undefined && (key.length < 1 || key.length > 256)) {
      return [400, 'invalid_idempotency_key', 'The key must be between 1-256 chars'];
    }
    const earlier = key === undefined ? undefined : sent.get(key);
    if (earlier && now() - earlier.at < KEY_LIFE_MS) {
      if (earlier.body === body) return { id: earlier.id };
      return [409, 'invalid_idempotent_request', 'This idempotency key was used with another body'];
    }
    const id = ids();
    messages = [{ id, ...mail, receivedAt: now() }, ...messages].slice(0, CAPACITY);
    if (key === undefined) return { id };
    sent.delete(key);
    sent.set(key, { id, body, at: now() });
    const [oldest] = sent.keys();
    if (sent.size > CAPACITY && oldest !== undefined) sent.delete(oldest);
    return { id };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://mail');
    switch (`${request.method} ${pathname}`) {
      case 'POST /emails': {
        if (!isToken(bearerToken(request), token))
          return refuse(response, 401, 'invalid_api_key', 'API key is invalid');
        const body = await readBody(request);
        const mail = parseMail(body);
        if (typeof mail === 'string') return refuse(response, 422, 'validation_error', mail);
        const answer = capture(mail, body.toString(), keyOf(request));
        return Array.isArray(answer) ? refuse(response, ...answer) : sendJson(response, 200, answer);
      }
      case 'GET /':
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        response.end(mailPage(messages, options.appUrl));
        return;
      case 'GET /messages':
        return sendJson(response, 200, messages);
      case 'DELETE /messages':
        messages = [];
        response.writeHead(204).end();
        return;
      default:
        return refuse(response, 404, 'not_found', `no ${request.method} ${pathname} here`);
    }
  }

  const server = await startHttpServer(options.port ?? 0, handle);
  return {
    url: server.url,
    port: server.port,
    messages: () => messages,
    save: () => ({ messages, sent }),
    close: server.close,
  };
}

/** The arguments of {@link refuse}. */
type Refusal = [statusCode: number, name: string, message: string];

function keyOf(request: IncomingMessage): string | undefined {
  const header = request.headers['idempotency-key'];
  return Array.isArray(header) ? header.join() : header;
}

function refuse(response: ServerResponse, statusCode: number, name: string, message: string): void {
  sendJson(response, statusCode, { statusCode, name, message });
}

type NewMail = Omit<CapturedMail, 'id' | 'receivedAt'>;

/** Parses a mail, or returns the validation error. */
function parseMail(body: Buffer): NewMail | string {
  const fields = parseObject(body);
  if (fields === undefined) return 'The body must be a JSON object';
  const { from, subject, html, text, headers } = fields;
  const to = Array.isArray(fields['to']) ? fields['to'] : [fields['to']];
  if (typeof from !== 'string') return 'Missing `from` field';
  if (typeof subject !== 'string') return 'Missing `subject` field';
  if (!to.every((address): address is string => typeof address === 'string' && address.includes('@'))) {
    return 'Invalid `to` field';
  }
  if (typeof html !== 'string' && typeof text !== 'string') return 'Missing `html` or `text` field';
  return {
    from,
    to,
    subject,
    ...(typeof html === 'string' && { html }),
    ...(typeof text === 'string' && { text }),
    ...(isStringRecord(headers) && { headers }),
  };
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((item) => typeof item === 'string');
}
