/**
 * The interface of a compared cache. Every file in `peers/` implements this interface in the way that the library's
 * documentation recommends. The table shows a dash for an operation that a peer does not support and therefore omits.
 */

/** Loads one value from the source. */
export type Load = () => Promise<unknown>;
/** Loads several values, in the order of the keys. */
export type LoadMany = (keys: readonly string[]) => Promise<unknown[]>;

/** The address of the Redis, and the lifetimes of values. */
export interface Settings {
  url: string;
  token: string;
  /** The time for which a value is fresh, in whole seconds. */
  ttlSeconds: number;
  /** The time after `ttlSeconds` for which a value may be served during its refresh, in whole seconds; 0 for none. */
  staleSeconds: number;
  /**
   * True for a peer with only its default limits. Faults are measured with the defaults; otherwise Holdfast has a
   * longer time limit, so that a busy machine does not look like a broken Redis.
   */
  defaultLimits?: boolean;
}

/** The cache of one request. */
export interface Caller {
  /** Returns the value of the key; a missing value is loaded and stored. */
  read(key: string, load: Load): Promise<unknown>;
  /** Returns the value of the key, which depends on tags; a missing value is loaded and stored. */
  readTagged?(key: string, tags: readonly string[], load: Load): Promise<unknown>;
  /** Returns the values of the keys, with the peer's batch operations; missing values are loaded and stored. */
  readMany?(keys: readonly string[], load: Load, loadMany: LoadMany): Promise<unknown[]>;
  /** Removes a key. */
  forget?(key: string): Promise<unknown>;
  /** Invalidates every value that depends on the tag. */
  invalidate?(tag: string): Promise<unknown>;
}

/** One instance of an application: an isolate, a Lambda, a process. */
export interface Instance {
  /** Returns the caller of a new request. A library that all requests of an instance share has one caller. */
  caller(): Caller;
}

/** A cache to compare. */
export interface Contestant {
  /** The stable id. A file in `peers/` declares one contestant or several. */
  id: string;
  /** The heading of the contestant's column. */
  label: string;
  /** The name and version of the package, for the notes. */
  version: string;
  /** True if the cache answers from the memory of the instance, without a Redis request. */
  memory?: boolean;
  /** True if the cache can serve a value that is no longer fresh. */
  stale?: boolean;
  open(settings: Settings): Promise<Instance>;
}

/** Creates an instance whose requests all share one caller, as with every peer. */
export function sharedBy(caller: Caller): Instance {
  return { caller: () => caller };
}
