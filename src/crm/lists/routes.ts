/** `/me/lists/{list}`: your settings of a list in the app. API keys have none. */
import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type AppEnv,
  answerQuery,
  createRouter,
  guarded,
  json,
  jsonBody,
  notFound,
  problems,
} from '../../platform/http/index.ts';
import { listSettings } from './queries.ts';
import { listParamsSchema, listSettingsSchema } from './schema.ts';

export const listRoutes = createRouter();
const tags = ['Lists'];
const path = '/me/lists/{list}';
// The right to read lists includes the right to change one's own settings of them.
const access = 'crm:read';

const get = createRoute(
  guarded(
    { access },
    {
      method: 'get',
      path,
      tags,
      summary: 'Get your settings of a list',
      request: { params: listParamsSchema },
      responses: {
        200: json(listSettingsSchema, 'Your settings, or the default settings'),
        ...problems(400, 404),
      },
    },
  ),
);
listRoutes.openapi(get, async (c) => {
  const { list } = c.req.valid('param');
  return (await answerQuery(c, listSettings, { userId: personOf(c), list })) as never;
});

const put = createRoute(
  guarded(
    { access },
    {
      method: 'put',
      path,
      tags,
      summary: 'Save your settings of a list',
      description:
        'Replaces all settings of the list. Reads return them at once, everywhere; the database within a minute.',
      request: { params: listParamsSchema, body: jsonBody(listSettingsSchema) },
      responses: { 204: { description: 'Saved' }, ...problems(400, 404, 415, 503) },
    },
  ),
);
listRoutes.openapi(put, async (c) => {
  const { list } = c.req.valid('param');
  await c.var.tenant.cache.writeBehind(listSettings, { userId: personOf(c), list }, c.req.valid('json'));
  return c.body(null, 204);
});

function personOf(c: Context<AppEnv>): string {
  const { userId } = c.var.caller;
  if (userId === null) throw notFound('list');
  return userId;
}
