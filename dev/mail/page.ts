/**
 * Shows the mailbox as a page. The HTML of a message is shown in a sandboxed frame, so it can neither run a script nor
 * access the page around the frame. Hono's `html` template escapes everything else.
 */
import { html } from 'hono/html';
import type { CapturedMail } from './captured.ts';

/** Renders the list of messages, newest first. */
export function mailPage(messages: readonly CapturedMail[], appUrl?: string): string {
  return String(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Mail (${messages.length})</title>
    <style>
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
      article { border-top: 1px solid light-dark(#ccc, #444); padding: 1rem 0; }
      h2 { font-size: 1rem; margin: 0; }
      pre { white-space: pre-wrap; }
      iframe { width: 100%; min-height: 16rem; border: 1px solid light-dark(#ddd, #444); }
    </style>
  </head>
  <body>
    <h1>Mail</h1>
    <p>Captured locally, newest first.${appUrl === undefined ? '' : html` <a href="${appUrl}">Back to the application</a>`}</p>
    ${messages.length === 0 ? html`<p>No mail has been sent yet.</p>` : messages.map(mailEntry)}
  </body>
</html>
`);
}

function mailEntry(mail: CapturedMail) {
  return html`
    <article>
      <h2>${mail.subject}</h2>
      <p>
        ${mail.from} to ${mail.to.join(', ')},
        <time>${new Date(mail.receivedAt).toISOString()}</time>
      </p>
      ${mail.text === undefined ? '' : html`<pre>${mail.text}</pre>`}
      ${mail.html === undefined ? '' : html`<iframe sandbox srcdoc="${mail.html}"></iframe>`}
    </article>`;
}
