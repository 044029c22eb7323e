/** The routes of `/me/lists/{list}`: the signed-in user's settings of a list. API keys have no settings. */
import { answerQuery, type Caller, createRouter, etagOf, notFound } from '../../platform/http/index.ts';
import { command, view } from '../../platform/rest/index.ts';
import { listSettings } from './queries.ts';
import { listParamsSchema, listSettingsSchema } from './schema.ts';

export const listRoutes = createRouter();

const settings = {
  path: '/me/lists/{list}',
  tag: 'Lists',
  // A user who may read lists may also change their own settings of these lists.
  access: 'crm:read',
  params: listParamsSchema,
  problems: [404],
} as const;

view(listRoutes, {
  ...settings,
  id: 'lists.getSettings',
  summary: 'Get your settings of a list',
  answer: listSettingsSchema,
  load: ({ list }, { caller }, _day, c) => answerQuery(c, listSettings, { userId: personOf(caller), list }),
});

command(listRoutes, {
  ...settings,
  id: 'lists.saveSettings',
  method: 'put',
  summary: 'Save your settings of a list',
  description:
    'Replaces all settings of the list. Reads return them at once, everywhere; the database within a minute.',
  body: listSettingsSchema,
  effect: 'Saved',
  commits: false,
  async run({ params, body }, { tenant, caller }, c) {
    await tenant.cache.writeBehind(listSettings, { userId: personOf(caller), list: params.list }, body);
    c.header('etag', etagOf(JSON.stringify(body)));
  },
});

/**
 * Returns the id of the caller's user.
 * @throws {ProblemError} 404 for an API key, which has no lists.
 */
function personOf({ userId }: Caller): string {
  if (userId === null) throw notFound('list');
  return userId;
}
