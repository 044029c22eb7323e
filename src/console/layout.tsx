/** The frame of every page. No page has a script or a style of its own: both are files of this site. */
import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import { allows } from '../platform/http/index.ts';
import type { Visit } from './screen.ts';

const LINKS = [
  ['/console', 'Overview'],
  ['/console/jobs', 'Jobs'],
  ['/console/dead', 'Dead letters'],
  ['/console/queues', 'Queues'],
  ['/console/alerts', 'Alerts'],
  ['/console/schedules', 'Schedules'],
  ['/console/cache', 'Cache'],
  ['/console/sessions', 'Sessions'],
  ['/console/redis', 'Redis and SQL'],
  ['/console/limits', 'Limits'],
  ['/console/streams', 'Streams'],
  ['/console/tail', 'Live tail'],
  ['/console/audit', 'Audit trail'],
] as const;

/** Screens that concern all tenants. */
const FOR_OPERATORS: readonly string[] = ['/console/alerts', '/console/schedules', '/console/redis', '/console/limits'];

/** Whether the caller may open the screen behind a link. */
function mayOpen(href: string, visit: Visit | undefined): boolean {
  if (href === '/console/audit') return visit !== undefined && allows(visit.caller.rights, 'audit:read');
  return !FOR_OPERATORS.includes(href) || visit?.isOperator === true;
}

/** The frame. `visit` is left out for a problem, because its caller may be unknown. */
export function Layout(props: {
  title: string;
  path: string;
  visit?: Visit;
  /** A sentence about the action before. */
  told?: string | null;
  /** The topics whose events change the page. */
  topics?: readonly string[];
  children?: Child;
}) {
  const { title, path, visit, told, topics = [], children } = props;
  const isHere = (link: string) => path === link || (link !== '/console' && path.startsWith(`${link}/`));
  const links = LINKS.filter(([href]) => mayOpen(href, visit));
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{title} · Holdfast console</title>
        <link rel="icon" href="/console/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/console/console.css" />
        <script type="module" src="/console/console.js"></script>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header>
          <a class="name" href="/console">
            Holdfast
          </a>
          {visit && <span class="soft">{visit.tenant.tenant}</span>}
          <span class="space"></span>
          {topics.length > 0 && (
            <label id="live" data-topics={topics.join(',')} hidden>
              <input type="checkbox" /> Live <span class="soft"></span>
            </label>
          )}
          {visit && (
            <form method="post" action="/sign-out">
              <button type="submit">Sign out</button>
            </form>
          )}
        </header>
        <nav aria-label="Console">
          <ul>
            {links.map(([href, text]) => (
              <li>
                <a href={href} {...(isHere(href) ? { 'aria-current': 'page' } : {})}>
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <main id="main" tabindex={-1}>
          <h1>{title}</h1>
          {told && (
            <p class="told" role="status">
              {told}
            </p>
          )}
          {visit && !visit.mayAct && allows(visit.caller.rights, 'console:act') && (
            <p class="soft">
              You can look only: to act, sign in with your <a href="/welcome/factor">second factor</a>.
            </p>
          )}
          {children}
        </main>
      </body>
    </html>
  );
  return html`<!doctype html>${page}`;
}
