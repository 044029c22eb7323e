/**
 * The explorer: visits every state that any order of steps leads to, breadth first, so that the first error is reached
 * by a shortest order. A writer that dies takes no further step, so every state is also an end: a property of all
 * states holds for writers that die at any step.
 */
import { renamed, type Swap } from './names.ts';

/** A state, as numbers. Equal states behave alike. */
export type State = readonly number[];

/** A step: its label, the state after it, and its error, if it has one. */
export interface Step {
  label: string;
  to: State;
  wrong: string | null;
}

/** A world that can be explored. Every step must reduce the remaining work, so that the exploration ends. */
export interface Explorable {
  /** Swaps of names that turn a state into one with the same behaviour. */
  readonly swaps: readonly Swap[];
  renamed(state: State, which: number): State;
  start(): Promise<State>;
  steps(state: State): Promise<readonly Step[]>;
  /** The error in a state, and whether the cache would serve a reader in it. */
  check(state: State): Promise<{ serves: boolean; wrong: string | null }>;
  /** The error in a state without further steps. */
  checkEnd(state: State): Promise<string | null>;
  close(): void;
}

export interface Exploration {
  states: number;
  transitions: number;
  /** States in which a new reader would be served from the cache. */
  serving: number;
  /** The number of complete orders of steps that lead through these states. */
  orders: bigint;
  /** The error and the order of steps that leads to it; `null` without an error. */
  wrong: { what: string; steps: readonly string[] } | null;
}

/** Explores a world completely or up to the first error, and closes it. */
export async function explore(world: Explorable): Promise<Exploration> {
  try {
    return await walk(world);
  } finally {
    world.close();
  }
}

interface Visited {
  state: State;
  from: number;
  label: string;
  /** The swaps of names on the way to this state. */
  swap: Swap;
}

async function walk(world: Explorable): Promise<Exploration> {
  const visited: Visited[] = [];
  const ids = new Map<string, number>();
  const next: number[][] = [];
  let transitions = 0;
  let serving = 0;

  function visit(state: State, from: number, label: string): number {
    const { canonical, swap } = canonicalOf(world, state);
    const key = canonical.join(' ');
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, visited.length);
    return visited.push({ state: canonical, from, label, swap }) - 1;
  }
  const result = (what: string | null, at: number, last: readonly string[] = []): Exploration => ({
    states: visited.length,
    transitions,
    serving,
    orders: what === null ? countOrders(next) : 0n,
    wrong: what === null ? null : { what, steps: [...pathTo(visited, at), ...last] },
  });

  visit(await world.start(), -1, '');
  for (let id = 0; id < visited.length; id += 1) {
    const { state } = visited[id] as Visited;
    const { serves, wrong } = await world.check(state);
    if (wrong) return result(wrong, id);
    if (serves) serving += 1;
    const steps = await world.steps(state);
    if (steps.length === 0) {
      const atEnd = await world.checkEnd(state);
      if (atEnd) return result(atEnd, id);
    }
    const targets: number[] = [];
    for (const { label, to, wrong: found } of steps) {
      transitions += 1;
      if (found) return result(found, id, [label]);
      targets.push(visit(to, id, label));
    }
    next.push(targets);
  }
  return result(null, 0);
}

/** The first of the states that differ only in names. */
function canonicalOf(world: Explorable, state: State): { canonical: State; swap: Swap } {
  let best: { canonical: State; swap: Swap } = { canonical: state, swap: 0 };
  for (const [which, swap] of world.swaps.entries()) {
    if (swap === 0) continue;
    const canonical = world.renamed(state, which);
    if (comesBefore(canonical, best.canonical)) best = { canonical, swap };
  }
  return best;
}

function comesBefore(one: State, other: State): boolean {
  for (let index = 0; index < one.length; index += 1) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Every step reduces the remaining work, so the states form a graph without circles. */
function countOrders(next: readonly (readonly number[])[]): bigint {
  const counts = new Array<bigint | undefined>(next.length);
  function count(id: number): bigint {
    const known = counts[id];
    if (known !== undefined) return known;
    const targets = next[id] ?? [];
    const orders = targets.length === 0 ? 1n : targets.reduce((sum, target) => sum + count(target), 0n);
    counts[id] = orders;
    return orders;
  }
  return count(0);
}

/** The steps to a state, with the names that the actors had at the beginning. */
function pathTo(visited: readonly Visited[], at: number): string[] {
  const chain: Visited[] = [];
  for (let id = at; id > 0; id = (visited[id] as Visited).from) chain.unshift(visited[id] as Visited);
  let swap: Swap = 0;
  return chain.map((each) => {
    const label = renamed(each.label, swap);
    swap ^= each.swap;
    return label;
  });
}
