/** Explores a scenario and reports the result in one line of the test's output. */
import { expect } from 'vitest';
import { type Explorable, type Exploration, explore } from './explore.ts';
import type { Scenario } from './scenario.ts';
import { World } from './world.ts';

/** Explores a whole scenario; fails with the order of steps that leads to an error. */
export async function neverStale(scenario: Scenario): Promise<Exploration> {
  return nothingWrong(scenario.name, new World(scenario), 'never stale');
}

/** The same for any world; `shown` describes the proved property. */
export async function nothingWrong(name: string, world: Explorable, shown: string): Promise<Exploration> {
  const found = await explore(world);
  const { states, transitions, orders } = found;
  const verdict = found.wrong ? inWords(found) : shown;
  console.log(
    `${name}: ${number(states)} states, ${number(transitions)} transitions, ${number(orders)} orders: ${verdict}`,
  );
  expect(found.wrong, inWords(found)).toBeNull();
  return found;
}

/** Explores up to the first error, which must exist; describes the error with the shortest order that leads to it. */
export async function somethingWrong(name: string, world: Explorable): Promise<string> {
  const found = await explore(world);
  console.log(`${name}: found after ${number(found.states)} states: ${inWords(found)}`);
  expect(found.wrong, `${name} must be found`).not.toBeNull();
  return inWords(found);
}

export async function foundStale(scenario: Scenario): Promise<string> {
  const words = await somethingWrong(scenario.name, new World(scenario));
  expect(words).toContain('STALE');
  return words;
}

function inWords({ wrong }: Exploration): string {
  return wrong ? `${wrong.what}\n    ${wrong.steps.join('\n    ')}` : 'nothing wrong';
}

function number(value: number | bigint): string {
  return value.toLocaleString('en');
}
