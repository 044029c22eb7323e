/** The frame of every page. No page has a script or a style of its own: both are files of this site. */
import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import { at } from './addresses.ts';
import { may, type Who } from './api.ts';
import type { Page } from './visit.ts';

/** The menu: each page with its rights. A caller with any one of them may open the page. */
const LINKS = [
  [at.board(), 'Board', ['care:flow:read']],
  [at.hallway(), 'Hallway', ['care:flow:hallway']],
  [at.days(), 'Visits', ['care:flow:read']],
  [at.patients, 'Patients', ['care:patients:read']],
  [at.staff, 'Nurses', ['care:patients:write']],
  [at.ledger, 'Ledger', ['care:billing:entries']],
  [at.emergencies(), 'Emergencies', ['care:break-glass:review']],
  [at.patients, 'Accesses', ['care:audit:read']],
] as const;

/** Returns the address of the first page that the caller may open; `null` without one. */
export function firstPage(me: Who): string | null {
  return linksOf(me)[0]?.[0] ?? null;
}

function linksOf(me: Who | undefined): (readonly [string, string])[] {
  if (!me) return [];
  return LINKS.filter(([, , rights]) => rights.some((right) => may(me, right))).map(([href, text]) => [href, text]);
}

/** The frame. `me` is left out for a problem, because its caller may be unknown. */
export function Layout({
  page,
  path,
  me,
  now,
}: {
  page: Omit<Page, 'content'> & { content: Child };
  path: string;
  me?: Who | undefined;
  now: number;
}) {
  const { title, heading = title, content, live, view } = page;
  const isHallway = view === 'hallway';
  const shown = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{title} · Care</title>
        <link rel="icon" href="/care-files/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/care-files/care.css" />
        <script type="module" src="/care-files/care.js"></script>
      </head>
      <body class={isHallway ? 'hallway' : ''}>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header>
          <a class="name" href={at.home}>
            Care
          </a>
          {!isHallway && (
            <nav aria-label="Care">
              <ul>
                {linksOf(me).map(([href, text]) => (
                  <li>
                    <a href={href} {...(isIn(path, href) ? { 'aria-current': 'page' } : {})}>
                      {text}
                    </a>
                  </li>
                ))}
              </ul>
            </nav>
          )}
          <span class="space"></span>
          {live !== undefined && <p id="live" class="soft" role="status"></p>}
          {me && !isHallway && (
            <form method="post" action="/sign-out">
              <button type="submit">Sign out</button>
            </form>
          )}
        </header>
        <main
          id="main"
          tabindex={-1}
          data-now={String(now)}
          {...(live === undefined ? {} : { 'data-department': live })}
        >
          <h1>{heading}</h1>
          {content}
        </main>
      </body>
    </html>
  );
  return html`<!doctype html>${shown}`;
}

function isIn(path: string, href: string): boolean {
  return path === href || path.startsWith(`${href}/`);
}
