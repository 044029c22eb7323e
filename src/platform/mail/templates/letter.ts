/**
 * The form of all mails: paragraphs, a code to type, a link to follow. The text and the HTML come from one source.
 * `hono/html` escapes all inserted values. A text that a user chose, such as a name, goes through `shown()` first:
 * otherwise a user could use our mail to send a message of their own to the receiver.
 */
import { html } from 'hono/html';
import { MailError } from '../errors.ts';

/** The application's name and URL, which appear in every mail. */
export interface MailApp {
  name: string;
  /** `APP_URL`. All links in mails lead to its origin. */
  url: string;
}

/** The result of a template; a mail adds the recipient. */
export interface MailContent {
  subject: string;
  text: string;
  html: string;
}

/** A paragraph, a code, data of a program on one line, or a link to a path of the application. */
export type Part = string | { code: string } | { data: string } | { label: string; path: string };

/**
 * Writes a mail as text and as HTML.
 * @throws {MailError} `MAIL_INVALID` if a link would lead out of the application.
 */
export function letter(app: MailApp, subject: string, parts: readonly Part[]): MailContent {
  const footer = `${app.name} · ${new URL(app.url).origin}`;
  return {
    subject,
    text: `${[...parts.map((part) => textOf(app, part)), `-- \n${footer}`].join('\n\n')}\n`,
    html: String(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${subject}</title>
  </head>
  <body style="margin:0;padding:24px;background:#f4f4f2;color:#1c1c1a;font:16px/1.5 system-ui,sans-serif">
    <div style="max-width:32rem;margin:0 auto;padding:24px;background:#fff;border-radius:8px">
      ${parts.map((part) => htmlOf(app, part))}
    </div>
    <p style="max-width:32rem;margin:16px auto;font-size:13px;color:#6b6b66">${footer}</p>
  </body>
</html>
`),
  };
}

function textOf(app: MailApp, part: Part): string {
  if (typeof part === 'string') return part;
  if ('data' in part) return part.data;
  return 'code' in part ? `    ${part.code}` : `${part.label}:\n${linkTo(app, part.path)}`;
}

function htmlOf(app: MailApp, part: Part) {
  if (typeof part === 'string') return html`<p>${part}</p>`;
  if ('code' in part) {
    return html`<p style="font:28px/1.4 ui-monospace,monospace;letter-spacing:.15em"><strong>${part.code}</strong></p>`;
  }
  if ('data' in part) {
    return html`<p style="font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere">${part.data}</p>`;
  }
  return html`<p><a href="${linkTo(app, part.path)}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1f5f4f;color:#fff;text-decoration:none">${part.label}</a></p>`;
}

function linkTo(app: MailApp, path: string): string {
  const { origin } = new URL(app.url);
  const url = URL.canParse(path, origin) ? new URL(path, origin) : null;
  if (url?.origin !== origin) throw new MailError('MAIL_INVALID', 'A mail links only to paths of the application');
  return url.href;
}

/**
 * The maximum number of characters of a shown text. A subject has room for two texts of this length, even if all their
 * characters need two UTF-16 code units.
 */
const LONGEST = 50;

/**
 * Makes a text that a user chose safe to show: on one line, not too long, without links, and without characters that
 * reverse or hide other text. Mail programs turn any text that looks like a link into a link. So the invisible
 * character U+2060 is put between the parts of such a text.
 */
export function shown(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Z}]+/gu, ' ').trim();
  const characters = [...line];
  const short = characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : line;
  return short.replace(/[.:/@。．｡․﹒](?=\S)/gu, (sign) => `${sign}\u2060`);
}

/** Writes a duration in words, such as `10 minutes` or `7 days`, in the largest unit that gives a whole number. */
export function spoken(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
  ];
  const [size, unit] = units.find(([size]) => ms >= size && ms % size === 0) ?? [60_000, 'minute'];
  const count = Math.max(1, Math.floor(ms / size));
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Writes a time as `2026-11-20 09:30 UTC`, because the reader's time zone is unknown. */
export function moment(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
