/** The description of the API: the OpenAPI document, and a page to read and try the API (Swagger UI, served here). */

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import { SESSION_COOKIE } from '../sessions/index.ts';
import { VERSION } from '../version.ts';
import { addFrameAnswers } from './frame-answers.ts';
import { publicCache } from './response-cache.ts';
import { grantableRights } from './rights.ts';
import type { AppEnv } from './scope.ts';

/** The texts of an API's description. */
export interface ApiTexts {
  title: string;
  description: string;
  /** Descriptions of the groups of operations. */
  tags: Readonly<Record<string, string>>;
}

/** Returns an app's OpenAPI document as JSON. */
export type Description = (c: Context<AppEnv>) => Promise<string>;

/**
 * Mounts `/openapi.json` and `/docs` on an app that has all its routes.
 *
 * A deployment passes a document that was made at build time, so that no request has to make the document.
 * @param texts introduce the API and each group of operations.
 * @param description returns the document. By default, each call makes the document from the routes.
 */
export function mountDocs(
  app: OpenAPIHono<AppEnv>,
  texts: ApiTexts,
  description: Description = () => Promise.resolve(describe(app, texts)),
): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, `hf_<tenant>_<key id>_<secret>`, or an access token.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'A browser session, from `POST /auth/sign-in`.',
  });
  app.get('/openapi.json', publicCache({ maxAge: '5m' }), async (c) =>
    c.body(await description(c), 200, { 'content-type': 'application/json' }),
  );
  app.get('/docs', (c) => c.html(PAGE));
}

/**
 * Returns the OpenAPI 3.1 document of an app with its docs mounted, as JSON. Bundles replace this function: see
 * `dev/build/replacements/openapi.ts`.
 */
export function describe(app: OpenAPIHono<AppEnv>, { title, description, tags }: ApiTexts): string {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title,
      version: VERSION,
      description,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    // The server is the deployment that serves the document.
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
  });
  addFrameAnswers(document);
  const right = document.components?.schemas?.['Right'];
  if (right && 'type' in right) right.enum = grantableRights();
  return JSON.stringify(document);
}

/** The only inline script of the page; `browser.ts` allows it by its hash. */
export const DOCS_SCRIPT =
  "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: false });";

/** The page. `npm run build` puts the two files of Swagger UI into the folder that each platform serves. */
const PAGE = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Holdfast API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script>${raw(DOCS_SCRIPT)}</script>
  </body>
</html>`;
