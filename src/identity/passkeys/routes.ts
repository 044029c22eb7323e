/** The routes of the caller's own passkeys. */
import { z } from '@hono/zod-openapi';
import { createRouter, idSchema } from '../../platform/http/index.ts';
import { command, view } from '../../platform/rest/index.ts';
import { passkeyRules } from '../rules.ts';
import { addPasskey, beginPasskey, listPasskeys, removePasskey } from './own-passkeys.ts';
import { ceremonyOptionsSchema, newPasskeySchema, passkeySchema } from './schema.ts';

export const passkeyRoutes = createRouter();

const base = { path: '/auth/passkeys', tag: 'Auth', access: null } as const;
const FRESH = 'Requires a browser session whose user signed in within the last five minutes.';

view(passkeyRoutes, {
  ...base,
  id: 'passkeys.list',
  summary: 'List your passkeys',
  cost: { commands: 4 },
  answer: z.object({ items: z.array(passkeySchema) }).openapi('PasskeyList'),
  effect: 'The passkeys, the oldest first',
  load: async (_input, services) => ({ items: await listPasskeys(services) }),
});

command(passkeyRoutes, {
  ...base,
  id: 'passkeys.start',
  path: '/auth/passkeys/options',
  summary: 'Start the creation of a passkey',
  cost: { requests: 2, commands: 6, statements: 2 },
  description: `${FRESH} The challenge in the options works once and for five minutes.`,
  harmlessTwice: true,
  commits: false,
  limits: passkeyRules,
  problems: [409],
  answer: ceremonyOptionsSchema,
  effect: 'The options for the browser',
  run: async (_input, services) => ({ ...(await beginPasskey(services)) }),
});

command(passkeyRoutes, {
  ...base,
  id: 'passkeys.create',
  summary: 'Add a passkey that your browser has made',
  cost: { requests: 4, commands: 9, statements: 7, messages: 1 },
  description: `${FRESH} Ends all your other sessions and tokens.`,
  // The challenge is spent, so a repetition could not have the same effect.
  harmlessTwice: true,
  limits: passkeyRules,
  body: newPasskeySchema,
  answer: passkeySchema,
  status: 201,
  effect: 'The passkey',
  run: ({ body }, services, c) => addPasskey(services, c, body),
});

command(passkeyRoutes, {
  ...base,
  id: 'passkeys.delete',
  method: 'delete',
  path: '/auth/passkeys/{id}',
  summary: 'Remove one of your passkeys',
  cost: { requests: 3, commands: 8, statements: 7, messages: 1 },
  description: `${FRESH} Ends all your other sessions and tokens.`,
  limits: passkeyRules,
  params: z.object({ id: idSchema }),
  problems: [404],
  effect: 'Removed',
  run: ({ params: { id } }, services, c) => removePasskey(services, c, id),
});
