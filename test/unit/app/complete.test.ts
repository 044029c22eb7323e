/**
 * The app registers everything that its code declares. Every file of `src` is loaded, so that a file which no other
 * file imports is found too.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { requireComplete } from '../../../src/app/complete.ts';
import { declarations, declare } from '../../../src/platform/declared.ts';
import { createRouter, defineRights } from '../../../src/platform/http/index.ts';
import { ModuleError, module, requireRegistered } from '../../../src/platform/module.ts';

const SRC = join(import.meta.dirname, '../../../src');
const none = {
  query: new Set<string>(),
  job: new Set<string>(),
  schedule: new Set<string>(),
  operation: new Set<string>(),
  feed: new Set<string>(),
  stream: new Set<string>(),
  consumer: new Set<string>(),
  alert: new Set<string>(),
};

/** No request is made, so no scope is needed. */
const source = () => {
  throw new Error('no request is made');
};

test('an app registers every query, job, schedule, operation, feed, stream, consumer and alert of src, and does not start without one of them', async () => {
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    // The scripts of pages run in browsers only.
    const isOfServer =
      !file.startsWith('generated') &&
      !/^(crm.live|console|identity.pages|care.screens|platform.pages).browser\b/.test(file);
    if (/\.tsx?$/.test(file) && isOfServer) await import(join(SRC, file));
  }
  expect(declarations().length).toBeGreaterThan(90);
  const app = createApp(source);
  requireComplete(app);
  const operations = app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [definition.route.operationId] : [],
  );
  expect(declarations().flatMap(({ kind, name }) => (kind === 'operation' ? name : []))).toEqual(
    expect.arrayContaining(operations),
  );
  declare({ kind: 'job', name: 'left.out' });
  expect(() => requireComplete(app)).toThrow('the job left.out is declared, but no module registers it');
});

describe('requireRegistered', () => {
  test.each(['query', 'job', 'schedule', 'operation', 'feed', 'stream', 'consumer', 'alert'] as const)(
    'names a %s that is not registered',
    (kind) => {
      const declared = [{ kind, name: 'left.out' }];
      expect(() => requireRegistered(none, declared)).toThrow(ModuleError);
      expect(() => requireRegistered(none, declared)).toThrow(`the ${kind} left.out is declared`);
      requireRegistered({ ...none, [kind]: new Set(['left.out']) }, declared);
    },
  );

  test('names an operation whose right no module defines', () => {
    const declared = [{ kind: 'operation' as const, name: 'moons.list', access: 'moon:read' }];
    const registered = { ...none, operation: new Set(['moons.list']) };
    expect(() => requireRegistered(registered, declared)).toThrow('requires moon:read, which no module defines');
    defineRights({ rights: ['moon:read'] });
    requireRegistered(registered, declared);
  });
});

describe('module', () => {
  test('registers the queries among the values that files export, and refuses two of one name', () => {
    const query = { name: 'moon', keysOf: () => ({}) };
    expect([...module({ name: 'moons', queries: [{ query, other: 1 }] }).queries.keys()]).toEqual(['moon']);
    expect(() => module({ name: 'moons', queries: [{ query }, { query }] })).toThrow('two queries are named moon');
  });

  test('has empty lists for what it leaves out', () => {
    const { routes, jobs, schedules, bodyLimits } = module({ name: 'moons', routes: [createRouter()] });
    expect({ routes: routes.length, jobs, schedules, bodyLimits }).toEqual({
      routes: 1,
      jobs: [],
      schedules: [],
      bodyLimits: {},
    });
  });
});
