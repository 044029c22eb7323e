import { describe, expect, it } from 'vitest';
import { keepTenant, nameMigration } from '../../../prisma/migration.ts';

describe('keepTenant', () => {
  const composite = 'FOREIGN KEY ("tenant_id", "contact_id") REFERENCES "contacts"("tenant_id", "id") ON DELETE ';

  it('sets only the reference to null', () => {
    expect(keepTenant(`${composite}SET NULL ON UPDATE CASCADE;`)).toBe(
      `${composite}SET NULL ("contact_id") ON UPDATE CASCADE;`,
    );
  });

  it.each([
    `${composite}SET NULL ("contact_id") ON UPDATE CASCADE;`,
    `${composite}RESTRICT ON UPDATE CASCADE;\nFOREIGN KEY ("a_id") REFERENCES "a"("id") ON DELETE SET NULL;`,
  ])('leaves alone %s', (sql) => {
    expect(keepTenant(sql)).toBe(sql);
  });
});

it('names a migration by UTC time to the second', () => {
  expect(nameMigration('add_invoice', new Date('2026-03-04T05:06:07.890Z'))).toBe('20260304050607_add_invoice');
});
