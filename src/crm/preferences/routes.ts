/** `/me/preferences`: the signed-in user's preferences. API keys have none. */
import { patchDurable, readDurable } from '../../platform/documents/index.ts';
import { createRouter } from '../../platform/http/index.ts';
import { command, view } from '../../platform/rest/index.ts';
import { ownUser } from '../own-user.ts';
import { preferences } from './document.ts';
import { preferencesPatchSchema, preferencesSchema } from './schema.ts';

export const preferencesRoutes = createRouter();

// A user who may read the CRM may also change how it looks to them.
const own = { path: '/me/preferences', tag: 'Preferences', access: 'crm:read', problems: [404] } as const;
const what = 'preferences';

view(preferencesRoutes, {
  ...own,
  id: 'preferences.get',
  summary: 'Get your preferences',
  cost: { hit: { requests: 2, commands: 5 }, miss: { commands: 6 } },
  description: 'Preferences that you have not set have their defaults.',
  answer: preferencesSchema,
  tagged: true,
  load: async (_input, services) =>
    preferences.show(await readDurable(services, preferences, [ownUser(services.caller, what)])),
});

command(preferencesRoutes, {
  ...own,
  id: 'preferences.update',
  method: 'patch',
  summary: 'Update your preferences',
  cost: { requests: 3, commands: 6, statements: 4 },
  description: 'A merge patch (RFC 7396): fields left out stay unchanged; `null` brings back the default.',
  body: preferencesPatchSchema,
  answer: preferencesSchema,
  tagged: true,
  effect: 'The new preferences',
  changes: (_params, { caller }) => ({ kind: preferences.name, id: ownUser(caller, what) }),
  run: async ({ body }, services) =>
    preferences.show(await patchDurable(services, preferences, [ownUser(services.caller, what)], body)),
});
