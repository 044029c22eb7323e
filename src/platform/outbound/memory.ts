/**
 * An isolate's knowledge of its circuits. Numbers only, so that the requests of an isolate can share it. With this
 * knowledge the calls of a healthy circuit need not ask Redis, and without Redis it is a circuit breaker of its own.
 */

/** The knowledge of one circuit; times are the isolate's own, in ms. */
export interface Knowledge {
  /** Until when it is taken to be closed without asking. */
  closedUntil: number;
  /** Whether it was open when last heard of. */
  open: boolean;
  /** Until when it is taken to be open without asking. */
  openUntil: number;
  /** When calls of this isolate failed lately. */
  failures: number[];
}

/** The circuits of an isolate by name. */
export type CircuitMemory = Map<string, Knowledge>;

/** Creates the memory of one isolate. */
export function createCircuitMemory(): CircuitMemory {
  return new Map();
}

/** The knowledge of a circuit; empty the first time. */
export function knowledgeOf(memory: CircuitMemory, name: string): Knowledge {
  const known = memory.get(name) ?? { closedUntil: 0, open: false, openUntil: 0, failures: [] };
  memory.set(name, known);
  return known;
}

/** Takes the circuit to be closed for a while, and forgets past failures. */
export function learnClosed(known: Knowledge, until: number): void {
  known.closedUntil = until;
  known.open = false;
  known.openUntil = 0;
  known.failures = [];
}

/** Takes the circuit to be open for a while; after that Redis must be asked. */
export function learnOpen(known: Knowledge, until: number): void {
  known.closedUntil = 0;
  known.open = true;
  known.openUntil = until;
}

/** Counts a failure; `true` if there are now enough of them within the window. */
export function countFailure(known: Knowledge, now: number, windowMs: number, threshold: number): boolean {
  known.failures = [...known.failures.filter((at) => now - at < windowMs), now];
  return known.failures.length >= threshold;
}
