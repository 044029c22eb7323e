/**
 * The first page of `npm run dev`, with links to all parts. Browsers get this page instead of the application's own
 * `/`, which redirects to `/welcome`.
 */
import { html } from 'hono/html';
import { TOTP } from 'otpauth';
import type { LocalCloud } from './local-cloud.ts';

/** The links of the page, the demo users, and the time in ms since the epoch. */
export type Home = Pick<LocalCloud, 'demoKey' | 'demo' | 'demoFactor'> & { port: number; now: number } & {
  [Part in 'mail' | 'qstash']: { url: string };
};

/** Renders the page, which runs no script. */
export function homePage({ port, mail, qstash, demoKey, demo, demoFactor, now }: Home): string {
  const links = [
    ['/docs', 'API', 'documentation of every route'],
    ['/sign-in', 'Sign in', 'sign-in pages, with a password or a mailed code'],
    ['/console', 'Console', 'jobs, queues, schedules, cache and sessions of the service; sign in first'],
    ['/care', 'Care', 'patient flow, patients, records and accesses; sign in as clinician@acme.example first'],
    ['/live', 'Live board', 'deals by stage, with every change as it happens; sign in first'],
    [mail.url, 'Mail', 'codes and invitations that the application has sent'],
    [`${qstash.url}/_emulator`, 'QStash', 'messages, schedules and dead letters'],
    ['/health/ready', 'Health', 'Redis, the database and the cache, as JSON'],
  ] as const;
  return String(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Holdfast on this machine</title>
    <style>
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.5rem 1.5rem; border-top: 1px solid light-dark(#ccc, #444); padding-top: 1rem; }
      dd { margin: 0; }
      h2 { font-size: 1rem; margin: 2rem 0 0.5rem; }
      pre { background: light-dark(#f4f4f4, #2a2a28); padding: 0.75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
    </style>
  </head>
  <body>
    <h1>Holdfast on this machine</h1>
    <p>The Worker runs, with Redis, PostgreSQL, QStash and a mailbox beside it. Nothing leaves this machine.</p>
    <dl>${links.map(([href, name, text]) => html`<dt><a href="${href}">${name}</a></dt><dd>${text}</dd>`)}</dl>
    ${demoKey === null ? '' : html`<h2>With the demo key</h2><pre>curl -i -H 'Authorization: Bearer ${demoKey}' localhost:${port}/deals/pipeline</pre>`}
    ${demo === null ? '' : html`<h2>As a demo user</h2><pre>${demo.email}   password ${demo.password}</pre>`}
    ${
      demoFactor === null
        ? ''
        : html`<h2>With a second factor</h2>
    <p>These users have the same password. Sign-in asks for a code too, because acting in the console and the care area
      need a second factor. The code of this half-minute is <strong>${new TOTP({ secret: demoFactor.secret }).generate({ timestamp: now })}</strong>.
      The secret for an authenticator app is ${demoFactor.secret}.</p>
    <pre>${demoFactor.emails.map((email) => `${email}\n`)}</pre>`
    }
  </body>
</html>
`);
}
