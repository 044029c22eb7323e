/** Explores a scenario and says in one line what was found, as a sentence a reader of the test's output can use. */
import { expect } from 'vitest';
import { type Explorable, type Exploration, explore } from './explore.ts';
import type { Scenario } from './scenario.ts';
import { World } from './world.ts';

/** Explores all of a scenario; fails with the order of steps if anything is wrong in any of them. */
export async function neverStale(scenario: Scenario): Promise<Exploration> {
  return nothingWrong(scenario.name, new World(scenario), 'never stale');
}

/** The same for any world, with words for what was shown. */
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

/** Explores until something is wrong, which must be; gives it in words, with the shortest order that leads there. */
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
