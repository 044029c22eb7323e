/** A fact of a drill: a piece of state, and the word for it afterwards. */
import type { Nature } from '../../src/platform/redis/nature.ts';
import type { World } from './world.ts';

/** A fact. */
export interface Fact {
  /** The nature of the keys that have it; `null` if no key has it. */
  readonly nature: Nature | null;
  /** The word on a healthy day. */
  readonly healthy: string;
  /** Makes the state, and returns the look at it. */
  make(world: World): Promise<() => Promise<string>>;
}
