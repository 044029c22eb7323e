/**
 * The frame of every page: a script only where passkeys need one, one stylesheet, and at the top the problem, if there is one. `hono/html` escapes
 * inserted values.
 */
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { AppEnv, ProblemError } from '../../platform/http/index.ts';
import { STYLE_PATH } from './style.ts';

/** Markup that is already escaped. */
export type Markup = ReturnType<typeof html>;

/** A page, with the problem to show. */
export interface Page {
  title: string;
  body: Markup;
  problem?: ProblemError | undefined;
  /** The address of the page's script. Its route needs `scripted()`. */
  script?: string;
}

/**
 * Answers with a page, and with the status of the problem. No cache may store the page, because its URL or its forms
 * may contain a code.
 */
export function answerPage(c: Context<AppEnv>, { title, body, problem, script }: Page): Response | Promise<Response> {
  for (const [name, value] of Object.entries(problem?.headers ?? {})) c.header(name, value);
  c.header('cache-control', 'no-store');
  const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>${title} · Holdfast</title>
    <link rel="stylesheet" href="${STYLE_PATH}" />
    ${script === undefined ? '' : html`<script type="module" src="${script}"></script>`}
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      ${problem ? problemBox(problem) : ''}
      ${body}
    </main>
  </body>
</html>
`;
  return c.html(page, problem?.status ?? 200);
}

function problemBox({ message, fields }: ProblemError): Markup {
  const lines = fields.map(({ field, message }) => html`<li>${field} ${message}</li>`);
  return html`<div class="problem" role="alert">${lines.length > 0 ? html`<ul>${lines}</ul>` : html`<p>${message}</p>`}</div>`;
}
