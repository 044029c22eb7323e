/**
 * `Upstash-Redact-Fields`: the parts of a message that the API and the page show only as `REDACTED:<sha256>`. A
 * delivery contains the original parts, and so does a retry from the dead-letter queue.
 */
import { createHash } from 'node:crypto';
import { RequestError } from './request-error.ts';
import { asShown, type ShownHeaders } from './shown-headers.ts';

/** The redacted parts of a message. */
export interface Redaction {
  body: boolean;
  /** The names of the redacted headers, in lower case. */
  headers: 'all' | string[];
}

/**
 * Reads the header, e.g. `body, header[Authorization]`. The SDK writes `header[X]`, the documentation `headers[X]`.
 *
 * @throws RequestError if the header is invalid
 */
export function readRedaction(value = ''): Redaction {
  const redaction: Redaction = { body: false, headers: [] };
  for (const field of value.split(',').map((part) => part.trim())) {
    const name = /^headers?\[(.+)\]$/i.exec(field)?.[1];
    if (field === '') continue;
    if (field === 'body') redaction.body = true;
    else if (field === 'header' || field === 'headers') redaction.headers = 'all';
    else if (name === undefined) throw new RequestError(400, `invalid upstash-redact-fields: ${field}`);
    else if (redaction.headers !== 'all') redaction.headers.push(name.toLowerCase());
  }
  return redaction;
}

/** Returns headers in the form that the API shows. Redacts the values of the headers that `redaction` names. */
export function shownHeaders(headers: Record<string, string>, redaction: Redaction): ShownHeaders {
  const isHidden = (name: string): boolean => redaction.headers === 'all' || redaction.headers.includes(name);
  return asShown(headers, (value, name) => (isHidden(name) ? redacted(value) : value));
}

/** Returns a body in the form that the API shows: text if the body is UTF-8, base64 otherwise. */
export function shownBody(body: Buffer, redaction: Redaction): { body: string } | { bodyBase64: string } {
  if (redaction.body) return { body: redacted(body) };
  const text = asText(body);
  return text === undefined ? { bodyBase64: body.toString('base64') } : { body: text };
}

/** Returns a body in the form that the logs show: always base64. */
export function loggedBody(body: Buffer, redaction: Redaction): string {
  return redaction.body ? redacted(body) : body.toString('base64');
}

/** Returns the text of a body; undefined if the body is not UTF-8. */
export function asText(body: Buffer): string | undefined {
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body) ? text : undefined;
}

function redacted(value: string | Buffer): string {
  return `REDACTED:${createHash('sha256').update(value).digest('hex')}`;
}
