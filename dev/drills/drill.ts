/**
 * A drill: a state, a break, a mend and a comparison. The drill says beforehand what each fact of the state is afterwards;
 * a difference in either direction is a failure, so that docs/recovery.md promises neither too much nor too little.
 */
import type { Fact } from './fact.ts';
import type { FactName } from './facts.ts';
import type { World } from './world.ts';

/** The declaration of a drill. */
export interface Drill {
  readonly name: string;
  /** The break and the mend, in one or two sentences. */
  readonly says: string;
  /** Facts of this drill alone, which are made after the others; each is healthy afterwards. */
  readonly facts?: Readonly<Record<string, Fact>>;
  /** The facts that differ afterwards from those of a healthy day. */
  readonly expected: Readonly<Partial<Record<FactName, string>>>;
  /** The facts that callers see between break and mend. Default: nothing is asked. */
  readonly during?: Readonly<Record<string, string>>;
  breaks(world: World): Promise<void>;
  /** Asks what `during` promises. */
  asks?(world: World): Promise<Record<string, string>>;
  /** Does what the runbook says. Default: nothing has to be done. */
  mends?(world: World): Promise<void>;
}

/** The result of a drill. */
export interface Report {
  readonly name: string;
  /** The word of each fact after the mend, and each answer between break and mend. */
  readonly found: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, string>>;
  /** The names of found facts that are not as expected. */
  readonly differences: readonly string[];
  /** From the break to the end of the mend: on the clock of the drill, and on the wall. In ms. */
  readonly rto: { readonly clockMs: number; readonly wallMs: number };
}
