/** The routes of `/me/lists/{list}`: the signed-in user's settings of a list. API keys have no settings. */
import { answerQuery, createRouter, etagOf } from '../../platform/http/index.ts';
import { command, view } from '../../platform/rest/index.ts';
import { ownUser } from '../own-user.ts';
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
  load: ({ list }, { caller }, _day, c) => answerQuery(c, listSettings, { userId: ownUser(caller, 'list'), list }),
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
    await tenant.cache.writeBehind(listSettings, { userId: ownUser(caller, 'list'), list: params.list }, body);
    c.header('etag', etagOf(JSON.stringify(body)));
  },
});
