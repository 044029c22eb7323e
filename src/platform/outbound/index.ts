/** Calls to third parties: one circuit for each third party, shared by all isolates. */
export { type Circuit, type CircuitOptions, type CircuitServices, createCircuit } from './circuit.ts';
export { OutboundError, type OutboundErrorCode } from './errors.ts';
export { type CircuitMemory, createCircuitMemory } from './memory.ts';
export type { OutboundScope } from './scope.ts';
export { signatureOf } from './webhook-signature.ts';
