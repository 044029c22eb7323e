/**
 * The channels of messages: mail, a signed webhook, and Slack's incoming webhook. A channel is a function that sends
 * one message within a time limit, or throws. Channels use neither Redis nor jobs, so messages are sent even while
 * Redis is down; the circuit of the mailer then decides by the memory of this isolate.
 */
import { html } from 'hono/html';
import type { Scope } from '../http/index.ts';
import { signatureOf } from '../outbound/index.ts';
import type { AlertMessage, MessageLine } from './messages-table.ts';
import type { AlertSettings } from './settings.ts';

/** The services that a channel needs. */
export type ChannelScope = Pick<Scope, 'fetch' | 'mailer' | 'system'> & { readonly environment: AlertSettings };

/** Sends one message. */
export type Channel = (scope: ChannelScope, message: AlertMessage, signal: AbortSignal) => Promise<void>;

/** Returns the channels that the settings configure, by their names. A mail has one channel for each receiver. */
export function channelsOf(environment: AlertSettings): Map<string, Channel> {
  const { ALERT_MAIL_TO, ALERT_WEBHOOK_URL, ALERT_SLACK_URL } = environment;
  const channels = new Map<string, Channel>();
  for (const address of ALERT_MAIL_TO) channels.set(`mail:${address}`, mailTo(address));
  if (ALERT_WEBHOOK_URL !== undefined) channels.set('webhook', callWebhook(ALERT_WEBHOOK_URL));
  if (ALERT_SLACK_URL !== undefined) channels.set('slack', tellSlack(ALERT_SLACK_URL));
  return channels;
}

/** Returns the subject of a message: `critical: redis-unreachable fired; 2 more`. */
export function subjectOf(lines: readonly MessageLine[]): string {
  const [first, ...others] = lines.toSorted((one, other) => rank(one) - rank(other));
  if (!first) return 'No alert';
  const verb = { fired: 'fired', firing: 'still fires', resolved: 'ended', test: 'is a test' }[first.kind];
  return `${first.severity}: ${first.name} ${verb}${others.length > 0 ? `; ${others.length} more` : ''}`;
}

const rank = ({ kind, severity }: MessageLine) => (kind === 'resolved' ? 2 : 0) + (severity === 'critical' ? 0 : 1);

function textOf(line: MessageLine): string {
  const since = new Date(line.since).toISOString();
  const runbook = line.runbook === null ? '' : `\nRunbook: ${line.runbook}`;
  return `${subjectOf([line])} at ${since}\n${line.summary}\nValue: ${line.value}${runbook}`;
}

function mailTo(to: string): Channel {
  return async ({ mailer, environment }, { id, lines }) => {
    const console_ = `${environment.APP_URL}/alerts`;
    await mailer.send({
      to,
      subject: subjectOf(lines),
      text: `${lines.map(textOf).join('\n\n')}\n\n${console_}\n`,
      html: String(
        html`<!doctype html><html lang="en"><body>${lines.map(
          (line) => html`<h2>${subjectOf([line])}</h2><p>${line.summary}</p><p>${line.value}</p>`,
        )}<p><a href="${console_}">${console_}</a></p></body></html>`,
      ),
      idempotencyKey: id,
    });
  };
}

/** Sends the message with a signature in the form of Standard Webhooks, like the webhooks of tenants. */
function callWebhook(url: string): Channel {
  return async ({ fetch, system, environment }, { id, lines }, signal) => {
    const body = JSON.stringify({ type: 'alerts', timestamp: new Date(system.now()).toISOString(), data: { lines } });
    const timestamp = String(Math.floor(system.now() / 1000));
    const secret = environment.ALERT_WEBHOOK_SECRET;
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
    };
    if (secret !== undefined) headers['webhook-signature'] = signatureOf(secret, id, timestamp, body);
    await post(fetch, url, headers, body, signal);
  };
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
function tellSlack(url: string): Channel {
  return async ({ fetch }, { lines }, signal) => {
    const text = lines
      .map(textOf)
      .join('\n\n')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;');
    await post(fetch, url, { 'content-type': 'application/json' }, JSON.stringify({ text }), signal);
  };
}

async function post(
  send: typeof fetch,
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const response = await send(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
  await response.body?.cancel();
  // The error has no URL, because the URL of a Slack webhook is a secret.
  if (!response.ok) throw new Error(`The receiver answered HTTP ${response.status}`);
}
