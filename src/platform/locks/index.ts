/** Locks with leases and fences, and calls that run only once. */
export { LockError, type LockErrorCode } from './errors.ts';
export { fingerprintsOf, type OnceOptions, type OnceResult, once } from './once.ts';
export { type Held, type LockOptions, type LockServices, withLock } from './with-lock.ts';
