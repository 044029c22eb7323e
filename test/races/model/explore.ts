/**
 * The explorer: visits every state that any order of steps leads to, breadth first, so that the first thing it finds
 * wrong is reached by a shortest order. Every state is also an end: a writer that dies is one that takes no further
 * step, so whatever holds in each state holds for writers that die anywhere.
 */
import { renamed, type Swap } from './names.ts';

/** A state, as numbers. Equal states behave alike. */
export type State = readonly number[];

/** A step: what it is called, where it leads, and what is wrong with it if anything is. */
export interface Step {
  label: string;
  to: State;
  wrong: string | null;
}

/** What can be explored. Every step must use something up. */
export interface Explorable {
  /** Renamings that turn a state into one that behaves alike. */
  readonly swaps: readonly Swap[];
  renamed(state: State, which: number): State;
  start(): Promise<State>;
  steps(state: State): Promise<readonly Step[]>;
  /** What is wrong in a state, and whether the cache would serve somebody in it. */
  check(state: State): Promise<{ serves: boolean; wrong: string | null }>;
  /** What is wrong in a state after which nothing comes. */
  checkEnd(state: State): Promise<string | null>;
  close(): void;
}

export interface Exploration {
  states: number;
  transitions: number;
  /** States in which a new reader would be served from the cache. */
  serving: number;
  /** How many different complete orders of steps the states stand for. */
  orders: bigint;
  /** What is wrong, and the order of steps that leads there; `null` if nothing is. */
  wrong: { what: string; steps: readonly string[] } | null;
}

/** Explores a world, all of it or until something is wrong, and closes it. */
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
  /** Which names were swapped on the way here. */
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

/** Of the states that differ only in names, the one that comes first. */
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

/** Every step uses something up, so the states form a graph without circles. */
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

/** The steps to a state, under the names the actors had at the beginning. */
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
