/** A fact of a drill: a piece of state, and the word that says what became of it. */
import type { Nature } from '../../src/platform/redis/nature.ts';
import type { World } from './world.ts';

/** A fact. */
export interface Fact {
  /** The nature of the keys that hold the fact; `null` if no key holds it. */
  readonly nature: Nature | null;
  /** The word on a healthy day. */
  readonly healthy: string;
  /** Makes the state. The returned function looks at the state later, and returns its word. */
  make(world: World): Promise<() => Promise<string>>;
}
