/**
 * What a cache must be able to do to be compared: one interface that every file in `peers/` implements, in the way its
 * own documentation recommends. What a peer cannot do it leaves out, and the table shows a dash.
 */

/** Loads one value from the source. */
export type Load = () => Promise<unknown>;
/** Loads several values, in the order of the keys. */
export type LoadMany = (keys: readonly string[]) => Promise<unknown[]>;

/** Where the Redis is and how long values live. */
export interface Settings {
  url: string;
  token: string;
  /** How long a value is fresh, in whole seconds. */
  ttlSeconds: number;
  /** How long after that it may be served while it is refreshed, in whole seconds; 0 for not at all. */
  staleSeconds: number;
  /**
   * Whether nothing is set that the peer does not set by itself. Faults are measured like that; elsewhere Holdfast's
   * time limit is raised, so that a busy machine is not taken for a broken Redis.
   */
  defaultLimits?: boolean;
}

/** What the code that answers one request holds. */
export interface Caller {
  /** The value under the key; loaded and kept if it is not there. */
  read(key: string, load: Load): Promise<unknown>;
  /** The same, for a value that depends on tags. */
  readTagged?(key: string, tags: readonly string[], load: Load): Promise<unknown>;
  /** The values under the keys, the missing ones loaded and kept, with what the peer offers for batches. */
  readMany?(keys: readonly string[], load: Load, loadMany: LoadMany): Promise<unknown[]>;
  /** Removes a key. */
  forget?(key: string): Promise<unknown>;
  /** Ends every value that depends on the tag. */
  invalidate?(tag: string): Promise<unknown>;
}

/** One instance of an application: an isolate, a Lambda, a process. */
export interface Instance {
  /** The caller of a new request. Libraries that are shared by all requests of an instance return the same one. */
  caller(): Caller;
}

/** A cache to compare. */
export interface Contestant {
  /** Stable id; `peers/` holds a file of this name or one that declares several. */
  id: string;
  /** Heading of its column. */
  label: string;
  /** Name and version of the package, for the notes. */
  version: string;
  /** Whether it answers from the memory of the instance, without asking Redis. */
  memory?: boolean;
  /** Whether it can serve a value past its freshness. */
  stale?: boolean;
  open(settings: Settings): Promise<Instance>;
}

/** An instance whose requests all share one caller, as every peer's do. */
export function sharedBy(caller: Caller): Instance {
  return { caller: () => caller };
}
