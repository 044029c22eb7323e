/** The OpenAPI document as a whole: it passes a linter, and its operations are named and described in one form. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { jobs, schedules } from '../../../src/app/background.ts';
import { apiTexts } from '../../../src/app/modules.ts';
import { describe as describeApi, guarded, unguarded } from '../../../src/platform/http/index.ts';

interface Answer {
  content?: Record<string, { schema: { $ref?: string } }>;
}

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  responses: Record<string, Answer>;
}

const app = createApp(
  () => {
    throw new Error('This app only describes the API');
  },
  jobs,
  schedules,
);
const source = describeApi(app, apiTexts);
const { paths } = JSON.parse(source) as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })),
);

/** Findings that stay, each with its reason. */
const EXCEPTIONS = [
  // Health checks take no input and no credentials, so no request can be wrong.
  'operation-4xx-response #/paths/~1health/get/responses',
  'operation-4xx-response #/paths/~1health~1ready/get/responses',
  // The public keys of seals take no input and no credentials either.
  'operation-4xx-response #/paths/~1.well-known~1holdfast-audit-keys.json/get/responses',
];

/** Rules beyond the recommended ones, all of which count as errors. */
const RULES = {
  'no-unresolved-refs': 'error',
  'operation-tag-defined': 'error',
  'tag-description': 'error',
  'no-duplicated-tag-names': 'error',
  'no-unused-components': 'error',
  'path-params-defined': 'error',
} as const;

test('the document passes the linter with its recommended rules, without warnings', async () => {
  const config = await createConfig({ extends: ['recommended-strict'], rules: RULES });
  const problems = await lintFromString({ source, config });
  const findings = problems.map(({ ruleId, location: [place] }) => `${ruleId} ${place?.pointer}`);
  expect(findings).toEqual(EXCEPTIONS);
});

describe('operation ids', () => {
  /** The first words of an id's second part. */
  const VERBS =
    /^(?:accept|amend|begin|cancel|change|check|confirm|count|create|delete|download|erase|get|invalidate|list|listen|mark|merge|pause|refresh|remove|replay|request|resend|resume|retry|reverse|review|revoke|rotate|run|save|search|set|sign|start|undo|update|verify)(?:[A-Z][a-z]*)*$/;

  test('each operation has one of the form noun.verb', () => {
    for (const { name, operationId = '' } of operations) {
      const [noun, verb, ...rest] = operationId.split('.');
      expect({ name, noun, rest }).toEqual({ name, noun: expect.stringMatching(/^[a-z][a-zA-Z]*$/), rest: [] });
      expect(verb, name).toMatch(VERBS);
    }
  });

  test('no two operations have the same', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.length).toBeGreaterThan(90);
    expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted());
  });

  test('a declaration without one, or with one of a single word, is a type error', () => {
    const route = { method: 'get', path: '/x', responses: {} } as const;
    // @ts-expect-error: the id is missing
    guarded({}, route);
    // @ts-expect-error: the id is missing
    unguarded(route);
    // @ts-expect-error: the id has no verb
    guarded({}, { ...route, operationId: 'deals' });
    expect(unguarded({ ...route, operationId: 'deals.list' }).operationId).toBe('deals.list');
  });
});

describe('texts', () => {
  /** A verb in the imperative. Ids and summaries share most of them. */
  const IMPERATIVE =
    /^(?:Accept|Add|Amend|Begin|Cancel|Change|Check|Confirm|Count|Create|Delete|Download|End|Erase|Exchange|Export|Get|Import|Invalidate|Invite|List|Listen|Mark|Merge|Pause|Queue|Refresh|Remove|Request|Resume|Reverse|Review|Revoke|Rotate|Run|Save|Search|Send|Sign|Start|Undo|Update) /;

  test('each summary is one imperative of at most 75 characters, without a full stop', () => {
    for (const { name, summary } of operations) {
      expect(`${summary} `, name).toMatch(IMPERATIVE);
      expect(summary, name).not.toMatch(/[.!?:]/);
      expect(summary.length, name).toBeLessThanOrEqual(75);
    }
  });

  test('each group that is described has operations, and each operation one group', () => {
    for (const { name, tags: groups } of operations) expect(groups, name).toHaveLength(1);
    const used = new Set(operations.flatMap((operation) => operation.tags));
    expect(Object.keys(apiTexts.tags).toSorted()).toEqual([...used].toSorted());
  });
});

describe('answers', () => {
  /** A load balancer reads which part is down in the body that it reads while all is well. */
  const NO_PROBLEM = ['GET /health/ready 503'];

  test('each refusal and each fault is described as problem+json', () => {
    const others = operations.flatMap(({ name, responses }) =>
      Object.entries(responses)
        .filter(([status, { content = {} }]) => {
          const isProblem = content['application/problem+json']?.schema.$ref === '#/components/schemas/Problem';
          return Number(status) >= 400 && !(isProblem && Object.keys(content).length === 1);
        })
        .map(([status]) => `${name} ${status}`),
    );
    expect(others).toEqual(NO_PROBLEM);
  });

  test('each write describes a conflict, except writes that commit no transaction and have no conflict of their own', () => {
    const without = operations.filter(({ name, responses }) => !name.startsWith('GET ') && !('409' in responses));
    expect(without.map(({ operationId }) => operationId).toSorted()).toEqual([
      'analytics.refreshActivities',
      'analytics.refreshCompany',
      'analytics.refreshTenant',
      'analytics.refreshVelocity',
      'codes.request',
      'factors.start',
      'lists.saveSettings',
      'patients.search',
      'sessions.revoke',
      'sessions.signOut',
      'tokens.refresh',
      'tokens.revoke',
    ]);
  });

  test('each operation describes a fault of the service, and each write a body that is too large', () => {
    for (const { name, responses } of operations) {
      expect(Object.keys(responses), name).toContain('500');
      if (!name.startsWith('GET ')) expect(Object.keys(responses), name).toContain('413');
    }
  });
});
