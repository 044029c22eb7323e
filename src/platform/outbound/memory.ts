/**
 * An isolate's knowledge of its circuits: numbers only, so that the isolate's requests can share them. With this
 * knowledge, a call through a closed circuit need not ask Redis. Without Redis, the isolate decides from its own
 * failures.
 */

/** The knowledge of one circuit. Times are by the isolate's own clock, in ms since the epoch. */
export interface Knowledge {
  /** Until this time, calls treat the circuit as closed without asking Redis. */
  closedUntil: number;
  /** `true` if the circuit was open according to the last information. */
  open: boolean;
  /** Until this time, calls treat the circuit as open without asking Redis. */
  openUntil: number;
  /** The times of this isolate's recent failed calls. */
  failures: number[];
}

/** The circuits of an isolate by name. */
export type CircuitMemory = Map<string, Knowledge>;

/** Creates the memory of one isolate. */
export function createCircuitMemory(): CircuitMemory {
  return new Map();
}

/** Returns the knowledge of a circuit, which is empty at first. */
export function knowledgeOf(memory: CircuitMemory, name: string): Knowledge {
  const known = memory.get(name) ?? { closedUntil: 0, open: false, openUntil: 0, failures: [] };
  memory.set(name, known);
  return known;
}

/** Notes that the circuit is closed until a time, and forgets past failures. */
export function learnClosed(known: Knowledge, until: number): void {
  known.closedUntil = until;
  known.open = false;
  known.openUntil = 0;
  known.failures = [];
}

/** Notes that the circuit is open until a time. After that time, a call must ask Redis. */
export function learnOpen(known: Knowledge, until: number): void {
  known.closedUntil = 0;
  known.open = true;
  known.openUntil = until;
}

/** Counts a failure. Returns `true` if the failures within the window have reached the threshold. */
export function countFailure(known: Knowledge, now: number, windowMs: number, threshold: number): boolean {
  known.failures = [...known.failures.filter((at) => now - at < windowMs), now];
  return known.failures.length >= threshold;
}
