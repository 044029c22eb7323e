/** The log of audited reads in Redis: appended by the gate, moved into the audit trail each minute. */
export { appendRead, FULL, LUA_APPEND, type PendingRead, readLogKey, readLogsKey } from './append.ts';
export { notLogged, ReadLogError, type ReadLogErrorCode } from './errors.ts';
export {
  type AuditedRead,
  type LoggedRead,
  parseRead,
  type ReadActor,
  type ReadNote,
  writeRead,
} from './logged-read.ts';
export { type LogEntry, loggedTenants, logLengths, oldestReads, removeReads } from './take.ts';
