/**
 * Every operation of the API, called through the client: each succeeds, and each of its answers is as the OpenAPI
 * document says and costs what `x-cost` says. A new operation fails here until it has a call.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../../clients/typescript/src/routes.ts';
import { callCare } from './calls/care.ts';
import { callCrm } from './calls/crm.ts';
import { callFiles, callWebhooks } from './calls/files.ts';
import { callIdentity } from './calls/identity.ts';
import { callOperators } from './calls/operators.ts';
import { type ClientWorld, openClientWorld } from './world.ts';

let world: ClientWorld;
beforeAll(async () => {
  world = await openClientWorld();
  await callCrm(world);
  await callFiles(world);
  await callWebhooks(world);
  await callCare(world);
  await callOperators(world);
  await callIdentity(world);
});
afterAll(() => world.close());

test('the client has the operations of the document, and no others', () => {
  expect(
    routes()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(world.contract.operations.toSorted());
});

describe('succeeds as described', () => {
  test.each(routes().map(({ id }) => id))('%s', (id) => {
    expect(world.contract.wrong.get(id) ?? []).toEqual([]);
    expect(world.contract.answered.get(id)).toEqual(expect.arrayContaining([expect.toSatisfy(isSuccess)]));
  });
});

test('each operation costs what its route declares', () => {
  expect(inOrder(world.costs.measured)).toEqual(inOrder(world.contract.declaredCosts));
});

function inOrder(costs: ReadonlyMap<string, object>): object {
  return Object.fromEntries([...costs].toSorted(([one], [two]) => one.localeCompare(two)));
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
