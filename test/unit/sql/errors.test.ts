import { describe, expect, it } from 'vitest';
import { DatabaseError, fieldsOf, toDatabaseError } from '../../../src/platform/sql/errors.ts';

describe('toDatabaseError', () => {
  it.each([undefined, null, 'text', {}, { code: 'P2002' }, new Error('fetch failed'), new TypeError('x')])(
    'does not recognize %s',
    (error) => {
      expect(toDatabaseError(error)).toBeUndefined();
    },
  );

  it('returns its own errors as they are', () => {
    const error = new DatabaseError('DB_CONFLICT', 'x');
    expect(toDatabaseError(error)).toBe(error);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
  ])('recognizes errors of node-postgres by their message: %s', (message) => {
    expect(toDatabaseError(new Error(message))).toMatchObject({ code: 'DB_UNAVAILABLE' });
  });

  it.each([
    ['P1001', 'DB_UNAVAILABLE'],
    ['P2024', 'DB_UNAVAILABLE'],
    ['P2028', 'DB_UNAVAILABLE'],
    ['P2034', 'DB_CONFLICT'],
    ['P2025', 'DB_NOT_FOUND'],
    ['P2002', 'DB_UNIQUE'],
    ['P2003', 'DB_FOREIGN_KEY'],
    ['P9999', 'DB_QUERY'],
  ])('classifies Prisma’s %s as %s without a cause', (prismaCode, code) => {
    const error = Object.assign(new Error('secret'), { name: 'PrismaClientKnownRequestError', code: prismaCode });
    expect(toDatabaseError(error)).toMatchObject({ code, prismaCode, fields: [] });
  });

  it.each([
    ['database "secret" is not currently accepting connections', 'DB_UNAVAILABLE'],
    ['lastval is not yet defined in this session', 'DB_QUERY'],
  ])('classifies code 55000 by its message: %s', (message, code) => {
    const error = Object.assign(new Error(message), { name: 'error', severity: 'FATAL', code: '55000' });
    expect(toDatabaseError(error)).toMatchObject({ code, sqlState: '55000' });
    expect(toDatabaseError(error)?.message).not.toContain('secret');
  });

  it('keeps the stack frames and drops the message', () => {
    const error = Object.assign(new Error('value "secret"\n    at secret'), { name: 'PrismaClientValidationError' });
    const classified = toDatabaseError(error);
    expect(classified?.message).toBe('Prisma (invalid arguments) refused the statement.');
    expect(classified?.stack).toMatch(/^DatabaseError: Prisma \(invalid arguments\).*\n {4}at /);
    expect(classified?.stack).not.toContain('secret');
    expect(classified?.cause).toBeUndefined();
  });
});

describe('fieldsOf', () => {
  it.each([
    ['users_tenant_id_email_key', ['email']],
    ['deals_tenant_id_company_id_fkey', ['companyId']],
    ['deals_tenant_id_fkey', ['tenantId']],
    ['deals_pkey', ['id']],
    ['something_else', []],
  ])('reads %s as %j', (constraint, fields) => {
    expect(fieldsOf(constraint)).toEqual(fields);
  });
});
