/** Operations without credentials: their handlers get the request's scope only, and they cannot be forgotten. */
import { z } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { declarations } from '../../../src/platform/declared.ts';
import { createRouter, describe as describeApi } from '../../../src/platform/http/index.ts';
import { command, publicCommand, publicView } from '../../../src/platform/rest/index.ts';

const router = createRouter();
const answer = z.object({ services: z.array(z.string()) });

publicCommand(router, {
  id: 'moons.register',
  path: '/moons',
  tag: 'Moons',
  summary: 'Register a moon',
  body: z.strictObject({ name: z.string() }),
  answer,
  status: 202,
  problems: [401],
  run: (_input, services) => ({ services: Object.keys(services) }),
});

publicView(router, {
  id: 'moons.count',
  path: '/moons/count',
  tag: 'Moons',
  summary: 'Count the moons',
  answer,
  otherAnswers: { 503: { description: 'No moon is up' } },
  load: (_input, services) => ({ services: Object.keys(services) }),
});

interface Operation {
  security: unknown[];
  parameters?: unknown[];
  responses: Record<string, unknown>;
}
const { paths } = JSON.parse(describeApi(router, { title: 'Test', description: '', tags: {} })) as {
  paths: Record<string, Record<string, Operation>>;
};
const post = paths['/moons']?.['post'];
const get = paths['/moons/count']?.['get'];

describe('an operation without credentials', () => {
  test('passes the handler of a command the scope only', async () => {
    const init = { method: 'POST', body: '{"name":"Io"}', headers: { 'content-type': 'application/json' } };
    const registered = await router.request('/moons', init);
    expect([registered.status, await registered.json()]).toEqual([202, { services: ['scope'] }]);
  });

  test('has no tenant and no caller in the types of its handler', () => {
    const common = { id: 'moons.try', path: '/moons/try', tag: 'Moons', summary: 'Try', answer } as const;
    const unused = createRouter();
    // @ts-expect-error: a public command has no tenant
    publicCommand(unused, { ...common, run: (_input, { tenant }) => ({ services: [tenant.tenant] }) });
    // @ts-expect-error: a public view has no caller
    publicView(unused, { ...common, load: (_input, { caller }) => ({ services: [caller.id] }) });
    // @ts-expect-error: the context of a public command has no tenant
    publicCommand(unused, { ...common, run: (_input, _services, c) => ({ services: [c.var.tenant.tenant] }) });
    // @ts-expect-error: the context of a public command has no caller
    publicCommand(unused, { ...common, run: (_input, _services, c) => ({ services: [c.get('caller').id] }) });
    // @ts-expect-error: the context of a public view has no caller
    publicView(unused, { ...common, load: (_input, _services, _day, c) => ({ services: [c.var.caller.id] }) });
    // @ts-expect-error: a public command has no right
    publicCommand(unused, { ...common, access: 'crm:read', run: () => ({ services: [] }) });
    // @ts-expect-error: a command without a right says so with null
    command(unused, { ...common, run: () => ({ services: [] }) });
    expect(unused.routes.length).toBeGreaterThan(0);
  });

  test('is described without security and without Idempotency-Key, and with the problems of its declaration', () => {
    expect(post).toMatchObject({ security: [] });
    expect(post?.parameters).toBeUndefined();
    expect(Object.keys(post?.responses ?? {})).toEqual(expect.arrayContaining(['202', '400', '401', '415']));
    expect(Object.keys(post?.responses ?? {})).not.toContain('409');
    expect(get).toMatchObject({ security: [], responses: { 503: { description: 'No moon is up' } } });
  });

  test('is declared, so that the start of an app names it if no module registers it', () => {
    const names = declarations().map(({ kind, name }) => `${kind} ${name}`);
    expect(names).toEqual(expect.arrayContaining(['operation moons.register', 'operation moons.count']));
  });
});
