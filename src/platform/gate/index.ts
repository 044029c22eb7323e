/** The check of credentials and limits before a handler runs, in one request to Redis. */
export { type Asked, askOnce, type Questions } from './ask-once.ts';
export { type Credentials, type GateEnv, type GateOptions, gate, sessionCredentials } from './gate.ts';
