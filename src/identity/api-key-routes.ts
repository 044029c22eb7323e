/** `/api-keys`: keys for programs. A key is shown once, when the key is created or rotated. */
import { z } from '@hono/zod-openapi';
import { createRouter } from '../platform/http/index.ts';
import { command, view } from '../platform/rest/index.ts';
import {
  apiKeyPageQuerySchema,
  apiKeyPageSchema,
  apiKeySchema,
  apiKeyWithSecretSchema,
  keyIdSchema,
  newApiKeySchema,
} from './api-key-schema.ts';
import { createKey, findKey, listKeys, MANAGE_KEYS, revokeKey, rotateKey } from './own-api-keys.ts';

export const apiKeyRoutes = createRouter();

const all = { path: '/api-keys', tag: 'API keys', access: MANAGE_KEYS } as const;
const one = { ...all, path: '/api-keys/{id}', params: z.object({ id: keyIdSchema }) } as const;

command(apiKeyRoutes, {
  ...all,
  id: 'apiKeys.create',
  summary: 'Create an API key',
  cost: { statements: 5 },
  description:
    'The key is shown only in this answer. The key ends when you are disabled or lose one of its rights. A key ' +
    'created with another key ends with that key.',
  secretBody: true,
  body: newApiKeySchema,
  answer: apiKeyWithSecretSchema,
  location: ({ id }) => `/api-keys/${id}`,
  effect: 'The new key',
  run: ({ body }, services) => createKey(services, body),
});

view(apiKeyRoutes, {
  ...all,
  id: 'apiKeys.list',
  summary: 'List API keys, newest first',
  description: 'Includes revoked and expired keys. Secrets are not shown.',
  search: apiKeyPageQuerySchema,
  answer: apiKeyPageSchema,
  effect: 'A page of keys',
  load: (page, { tenant }) => listKeys(tenant, page),
});

view(apiKeyRoutes, {
  ...one,
  id: 'apiKeys.get',
  summary: 'Get an API key',
  answer: apiKeySchema,
  effect: 'The key, without its secret',
  missing: 'API key',
  load: ({ id }, { tenant }) => findKey(tenant, id),
});

command(apiKeyRoutes, {
  ...one,
  id: 'apiKeys.rotate',
  path: '/api-keys/{id}/rotate',
  summary: 'Rotate the secret of an API key',
  cost: { requests: 3, commands: 5, statements: 7 },
  description:
    'The old secret stops working at once. Name, rights and expiry stay; you become the maker of the key. ' +
    'For a change without downtime, create a second key, deploy it, and revoke the first.',
  secretBody: true,
  answer: apiKeyWithSecretSchema,
  effect: 'The key with its new secret',
  problems: [404],
  run: ({ params }, services) => rotateKey(services, params.id),
});

command(apiKeyRoutes, {
  ...one,
  id: 'apiKeys.revoke',
  method: 'delete',
  summary: 'Revoke an API key and every key created with it',
  cost: { requests: 3, commands: 5, statements: 8 },
  description: 'Requests with these keys are refused at once.',
  effect: 'Revoked',
  problems: [404],
  run: ({ params }, services) => revokeKey(services, params.id),
});
