/**
 * The only error class of this room. Its code tells the kind of failure. A message of Prisma may quote the arguments of
 * a call, and a message of PostgreSQL may quote values of a row. `toDatabaseError` drops these messages, so the error
 * may be logged.
 */

import { takeFrames } from '../error-report.ts';

/**
 * - `DB_UNAVAILABLE`: no connection, or no answer in time; a write may or may not have happened.
 * - `DB_UNIQUE`: another row has the same values in `fields`.
 * - `DB_FOREIGN_KEY`: `fields` refers to no row of the tenant. If `inUse` is true: other rows still refer to this row
 *   by `fields`.
 * - `DB_NOT_FOUND`: the row to change or to read does not exist.
 * - `DB_CONFLICT`: a concurrent transaction conflicted; the same transaction may succeed in a second run.
 * - `DB_QUERY`: Prisma or PostgreSQL refused the statement, which is a mistake of the program.
 */
export type DatabaseErrorCode =
  | 'DB_UNAVAILABLE'
  | 'DB_UNIQUE'
  | 'DB_FOREIGN_KEY'
  | 'DB_NOT_FOUND'
  | 'DB_CONFLICT'
  | 'DB_QUERY';

export interface DatabaseErrorDetails {
  /** The fields of the model that are at fault, as the schema names them: `['email']`, `['companyId']`. */
  fields?: string[];
  /** True if the row could not be deleted because other rows refer to it. */
  inUse?: boolean;
  /** PostgreSQL's five-character code, if PostgreSQL answered. */
  sqlState?: string | undefined;
  /** Prisma's code, such as `P2002`. */
  prismaCode?: string | undefined;
}

/** A failure of the database, or of the connection to the database. The error never contains values of rows. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;
  readonly fields: readonly string[];
  readonly inUse: boolean;
  readonly sqlState: string | undefined;
  readonly prismaCode: string | undefined;

  constructor(code: DatabaseErrorCode, message: string, details: DatabaseErrorDetails = {}) {
    super(message);
    this.code = code;
    this.fields = details.fields ?? [];
    this.inUse = details.inUse ?? false;
    this.sqlState = details.sqlState;
    this.prismaCode = details.prismaCode;
  }
}

/**
 * Classifies the error of a call of Prisma or node-postgres. Returns `undefined` for any other error, such as an
 * error of the transaction's own code; rethrow such an error unchanged.
 */
export function toDatabaseError(error: unknown): DatabaseError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof DatabaseError) return error;
  const failure = readFailure(error);
  if (failure === undefined) return undefined;
  const classified = classify(failure);
  takeFrames(classified, error);
  return classified;
}

/**
 * The parts of a driver's error that this file needs. The parts are found by their names, because an import of Prisma's
 * error classes would load Prisma.
 */
interface Failure {
  sqlState: string | undefined;
  prismaCode: string | undefined;
  constraint: string | undefined;
  /** The first line of PostgreSQL's message. It only helps to classify the error, and is never repeated. */
  message: string;
  connectionLost: boolean;
}

/** The messages of connection errors that node-postgres and its pool throw without a code. */
const connectionLost =
  /^(?:Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (?:has encountered|was closed)|Cannot use a pool)/;

function readFailure(error: Error): Failure | undefined {
  if (isPgError(error)) return failureOfPg(error);
  const lost = connectionLost.test(error.message);
  if (!lost && !error.name.startsWith('PrismaClient') && error.name !== 'DriverAdapterError') return undefined;
  const meta = property(error, 'meta');
  const cause = property(property(meta, 'driverAdapterError') ?? error, 'cause');
  return {
    sqlState: text(property(cause, 'originalCode')),
    prismaCode: text(property(error, 'code')) ?? text(property(error, 'errorCode')),
    constraint: text(property(property(cause, 'constraint'), 'index')),
    message: text(property(cause, 'originalMessage')) ?? '',
    connectionLost: lost || connectionKinds.has(text(property(cause, 'kind')) ?? ''),
  };
}

/**
 * Returns whether node-postgres reports a refused statement with this error. Such an error has the name `error` and the
 * fields of PostgreSQL's message.
 */
function isPgError(error: Error): boolean {
  return (
    error.name === 'error' && property(error, 'severity') !== undefined && text(property(error, 'code')) !== undefined
  );
}

function failureOfPg(error: Error): Failure {
  return {
    sqlState: text(property(error, 'code')),
    prismaCode: undefined,
    constraint: text(property(error, 'constraint')),
    message: error.message,
    connectionLost: false,
  };
}

const connectionKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TlsConnectionError']);

function classify({ sqlState, prismaCode, constraint, message, connectionLost }: Failure): DatabaseError {
  const codes = { sqlState, prismaCode };
  const fields = constraint === undefined ? [] : fieldsOf(constraint);
  const isClosed = sqlState === '55000' && takesNoConnections.test(message);
  if (connectionLost || isClosed || unavailable.test(sqlState ?? '') || unavailableInPrisma.has(prismaCode ?? '')) {
    return new DatabaseError('DB_UNAVAILABLE', 'The database cannot be reached or did not answer in time.', codes);
  }
  if (sqlState === '23505' || prismaCode === 'P2002') {
    const message = `There is already a row with this ${fields.join(', ') || 'value'}.`;
    return new DatabaseError('DB_UNIQUE', message, { ...codes, fields });
  }
  if (sqlState === '23503' || sqlState === '23001' || prismaCode === 'P2003') {
    // PostgreSQL 18 reports a restricted deletion as 23001, older versions as 23503.
    const inUse = sqlState === '23001' || message.startsWith('update or delete');
    const name = fields.join(', ') || 'a reference';
    const explanation = inUse ? `Other rows still refer to this one by ${name}.` : `${name} refers to no row.`;
    return new DatabaseError('DB_FOREIGN_KEY', explanation, { ...codes, fields, inUse });
  }
  if (notFoundInPrisma.has(prismaCode ?? '')) {
    return new DatabaseError('DB_NOT_FOUND', 'There is no such row.', codes);
  }
  if (sqlState === '40001' || sqlState === '40P01' || prismaCode === 'P2034') {
    return new DatabaseError('DB_CONFLICT', 'A concurrent transaction was in the way; try again.', codes);
  }
  const refuser = sqlState === undefined ? `Prisma (${prismaCode ?? 'invalid arguments'})` : `PostgreSQL (${sqlState})`;
  return new DatabaseError('DB_QUERY', `${refuser} refused the statement.`, codes);
}

/**
 * SQLSTATE codes that mean “unavailable”: class 08 connection, class 28 authorization, class 53 resources, 3D000 no
 * such database, 25P03 and 25P04 idle-in-transaction and transaction timeouts, 55P03 lock timeout, 57014 cancelled by
 * the statement timeout, class 57P shutdown.
 */
const unavailable = /^(?:08...|28...|53...|3D000|25P0[34]|55P03|57014|57P..)$/;

/** The message of a database that was closed with `ALLOW_CONNECTIONS false`. Other uses of code 55000 are mistakes. */
const takesNoConnections = /is not currently accepting connections$/;

/**
 * Prisma's codes that mean “unavailable”: connection failures (P10xx), pool timeout, transaction timeouts, too many
 * connections.
 */
const unavailableInPrisma = new Set('P1000 P1001 P1002 P1003 P1008 P1010 P1011 P1017 P2024 P2028 P2037'.split(' '));

const notFoundInPrisma = new Set(['P2001', 'P2015', 'P2018', 'P2025']);

/**
 * Reads the field from a constraint's name, `<table>_tenant_id_<column>_key` or `_fkey`, because the driver adapter
 * reports only the name. A test checks that every constraint of the schema has such a name.
 */
export function fieldsOf(constraint: string): string[] {
  if (constraint.endsWith('_pkey')) return ['id'];
  const column = /_tenant_id_(\w+)_f?key$/.exec(constraint)?.[1];
  if (column === undefined) return constraint.endsWith('_tenant_id_fkey') ? ['tenantId'] : [];
  return [column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())];
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
