/**
 * The interface of a compared cache. Every file in `peers/` implements it as the library's own documentation
 * recommends. A peer omits an operation that it does not support, and the table shows a dash.
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
  /** How long after that the value may be served while it is refreshed, in whole seconds; 0 turns this off. */
  staleSeconds: number;
  /**
   * Whether the peer has only its default settings. Faults are measured with the defaults; elsewhere Holdfast's time
   * limit is raised, so that a busy machine is not taken for a broken Redis.
   */
  defaultLimits?: boolean;
}

/** The cache of one request. */
export interface Caller {
  /** The value under the key; a missing value is loaded and stored. */
  read(key: string, load: Load): Promise<unknown>;
  /** The same, for a value that depends on tags. */
  readTagged?(key: string, tags: readonly string[], load: Load): Promise<unknown>;
  /** The values under the keys, the missing ones loaded and stored, with the peer's own batch operations. */
  readMany?(keys: readonly string[], load: Load, loadMany: LoadMany): Promise<unknown[]>;
  /** Removes a key. */
  forget?(key: string): Promise<unknown>;
  /** Invalidates every value that depends on the tag. */
  invalidate?(tag: string): Promise<unknown>;
}

/** One instance of an application: an isolate, a Lambda, a process. */
export interface Instance {
  /** The caller of a new request. Libraries that all requests of an instance share return the same one. */
  caller(): Caller;
}

/** A cache to compare. */
export interface Contestant {
  /** Stable id; `peers/` has a file of this name or one that declares several. */
  id: string;
  /** Heading of its column. */
  label: string;
  /** Name and version of the package, for the notes. */
  version: string;
  /** Whether it answers from the memory of the instance, without asking Redis. */
  memory?: boolean;
  /** Whether the cache can serve a value that is no longer fresh. */
  stale?: boolean;
  open(settings: Settings): Promise<Instance>;
}

/** An instance whose requests all share one caller, as every peer's do. */
export function sharedBy(caller: Caller): Instance {
  return { caller: () => caller };
}
