/** The routes of `/me/lists/{list}`: the signed-in user's settings of a list. API keys have no settings. */
import { answerQuery, createRouter, etagOf } from '../../platform/http/index.ts';
import { command, view } from '../../platform/rest/index.ts';
import { ownUser } from '../own-user.ts';
import { listSettings } from './queries.ts';
import { type ListSettings, listParamsSchema, listSettingsSchema } from './schema.ts';

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
  cost: { hit: { requests: 2, commands: 5 }, miss: { requests: 4, commands: 7 } },
  answer: listSettingsSchema,
  load: ({ list }, { caller }, _day, c) => answerQuery(c, listSettings, { userId: ownUser(caller, 'list'), list }),
});

command(listRoutes, {
  ...settings,
  id: 'lists.saveSettings',
  method: 'put',
  summary: 'Save your settings of a list',
  cost: { requests: 2, commands: 5 },
  description:
    'Replaces all settings of the list. Reads return them at once, everywhere; the database within a minute. Settings ' +
    'always exist and have no date, so `If-None-Match: *` is never met, and `If-Unmodified-Since` is ignored.',
  body: listSettingsSchema,
  effect: 'Saved',
  commits: false,
  changes: ({ list }) => ({ kind: 'list-settings', id: list }),
  async run({ params, body }, { tenant, caller }, c) {
    const { cache, precondition } = tenant;
    const check = precondition ? (current: ListSettings) => precondition.check(current) : undefined;
    await cache.writeBehind(listSettings, { userId: ownUser(caller, 'list'), list: params.list }, body, check);
    c.header('etag', etagOf(JSON.stringify(body)));
  },
});
