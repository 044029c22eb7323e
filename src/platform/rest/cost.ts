/**
 * The cost of one call of an operation. A route declares how its cost differs from the usual cost of its kind; the whole
 * cost is `x-cost` in the OpenAPI document. A test measures each operation, and compares.
 */

/** The work for one call, including the work after the answer. */
export interface Cost {
  /** HTTP requests to Redis. */
  requests: number;
  /** Redis commands. A script counts as one. */
  commands: number;
  /** SQL statements, without those that begin or end a transaction. */
  statements: number;
  /** Messages that are published to QStash. */
  messages: number;
}

/** The cost of a read whose value is cached. */
export interface CachedCost {
  /** The cost while Redis has the value. */
  hit: Cost;
  /** The cost if the value must be loaded. */
  miss: Cost;
}

/** How the cost of an operation differs from the usual cost of its kind. */
export type Budget = Partial<Cost>;

/** How the cost of a cached read differs from the usual cost. */
export type CachedBudget = { hit?: Budget; miss?: Budget };

const NOTHING: Cost = { requests: 0, commands: 0, statements: 0, messages: 0 };
/** The gate: one command reads the record of an API key, and two count the request. */
const GATE: Cost = { ...NOTHING, requests: 1, commands: 3 };
/** The look-up of the value joins the command of the gate. */
const HIT = GATE;
/** A miss also takes a lease, loads the value, and stores it. */
const MISS: Cost = { ...NOTHING, requests: 3, commands: 5, statements: 1 };

/** The cost of an operation without credentials. */
export function publicCost(budget: Budget = {}): Cost {
  return { ...NOTHING, ...budget };
}

/** The cost of a write with credentials. */
export function commandCost(budget: Budget = {}): Cost {
  return { ...GATE, ...budget };
}

/** When the audit trail gets the entry of a read: with the gate's request, or after the value is loaded. */
type EntryTime = 'never' | 'early' | 'late';

/** The entry of a read is one command; an entry that waits for the value costs one request and one command more. */
const ENTRY: Readonly<Record<EntryTime, { requests: number; commands: number }>> = {
  never: { requests: 0, commands: 0 },
  early: { requests: 0, commands: 1 },
  late: { requests: 1, commands: 2 },
};

/** The parts of a view that decide about its cost. */
interface CostedView {
  query?: unknown;
  cost?: Budget | CachedBudget | 'cached';
}

/** The cost of a read with credentials: of a hit and a miss if the value is cached. */
export function viewCost({ query, cost = {} }: CostedView, entry: EntryTime): Cost | CachedCost {
  const budget = cost === 'cached' ? { hit: {} } : cost;
  if (query === undefined && !isCached(budget)) return { ...withEntry(GATE, entry), statements: 1, ...budget };
  const { hit, miss } = budget as CachedBudget;
  return { hit: { ...withEntry(HIT, entry), ...hit }, miss: { ...withEntry(MISS, entry), ...miss } };
}

function isCached(budget: Budget | CachedBudget): budget is CachedBudget {
  return 'hit' in budget || 'miss' in budget;
}

function withEntry(cost: Cost, entry: EntryTime): Cost {
  const { requests, commands } = ENTRY[entry];
  return { ...cost, requests: cost.requests + requests, commands: cost.commands + commands };
}
