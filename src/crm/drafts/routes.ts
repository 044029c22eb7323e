/**
 * `/me/drafts`: what the signed-in user is writing and has not sent. A draft is any JSON object of the frontend, in Redis
 * alone: it is saved with every pause in typing, and it may end. API keys have no drafts.
 */
import { z } from '@hono/zod-openapi';
import {
  document,
  isObject,
  type JsonObject,
  LIMITS,
  listRedisOnly,
  patchRedisOnly,
  readRedisOnly,
  removeRedisOnly,
} from '../../platform/documents/index.ts';
import { createRouter, momentSchema } from '../../platform/http/index.ts';
import { command, type Services, view } from '../../platform/rest/index.ts';
import { ownUser } from '../own-user.ts';

/** How many drafts a user may have at a time. */
export const MOST_DRAFTS = 50;

export const draft = document('draft', { durable: false, ttl: '7d', atMost: MOST_DRAFTS });

export const draftRoutes = createRouter();

const nameSchema = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_.-]{0,79}$/, 'must be a lower-case letter, then letters, digits and _ . -, at most 80');

/** The frontend's name of a draft. */
const params = z.object({ name: nameSchema.openapi({ example: 'new-deal' }) });

const draftSchema = z
  .unknown()
  .refine(isObject, 'must be an object')
  .transform((value) => value as JsonObject)
  .openapi('Draft', { type: 'object', additionalProperties: true, example: { title: 'Nets for the fleet' } });

const draftsSchema = z
  .object({
    items: z
      .array(z.object({ name: z.string(), endsAt: momentSchema }))
      .openapi({ description: 'The next to end first.' }),
  })
  .openapi('DraftList');

const all = { path: '/me/drafts', tag: 'Drafts', access: 'crm:read', problems: [404] } as const;
const one = { ...all, path: '/me/drafts/{name}', params } as const;

const idOf = ({ name }: { name: string }, { caller }: Pick<Services, 'caller'>) =>
  [ownUser(caller, draft.name), name] as const;
const row = (named: { name: string }, services: Services) => ({
  kind: draft.name,
  id: idOf(named, services).join('/'),
});

view(draftRoutes, {
  ...all,
  id: 'drafts.list',
  summary: 'List your drafts',
  cost: { requests: 2, commands: 5, statements: 0 },
  answer: draftsSchema,
  load: async (_input, services) => {
    const drafts = await listRedisOnly(services, draft, ownUser(services.caller, draft.name));
    return { items: drafts.map(({ name, endsAt }) => ({ name, endsAt: new Date(endsAt).toISOString() })) };
  },
});

view(draftRoutes, {
  ...one,
  id: 'drafts.get',
  summary: 'Get a draft',
  cost: { requests: 2, commands: 5, statements: 0 },
  answer: draftSchema,
  tagged: true,
  missing: draft.name,
  load: (input, services) => readRedisOnly(services, draft, idOf(input, services)),
});

command(draftRoutes, {
  ...one,
  id: 'drafts.save',
  method: 'patch',
  summary: 'Save a part of a draft',
  cost: { requests: 2, commands: 5 },
  description:
    'A merge patch (RFC 7396): members left out stay unchanged, and `null` removes a member. A draft that does not ' +
    `exist is made. It ends 7 days after the last patch, and earlier if Redis loses its data. At most ${MOST_DRAFTS} ` +
    `drafts, each of ${LIMITS.bytes / 1024} KiB, ${LIMITS.fields} values and ${LIMITS.depth} objects within objects.`,
  body: draftSchema,
  answer: draftSchema,
  tagged: true,
  effect: 'The whole draft',
  commits: false,
  problems: [404, 409],
  changes: row,
  run: ({ params, body }, services) => patchRedisOnly(services, draft, idOf(params, services), body),
});

command(draftRoutes, {
  ...one,
  id: 'drafts.delete',
  method: 'delete',
  summary: 'Delete a draft',
  cost: { requests: 2, commands: 5 },
  effect: 'Deleted',
  commits: false,
  problems: [404, 409],
  changes: row,
  run: ({ params }, services) => removeRedisOnly(services, draft, idOf(params, services)),
});
