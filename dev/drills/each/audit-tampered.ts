import type { Drill } from '../drill.ts';

export const auditTampered: Drill = {
  name: 'audit-tampered',
  says: 'A person with the rights of the database changes an entry of the audit trail. `npm run audit:verify` names the entry.',
  expected: { 'audit trail': 'ENTRY_CHANGED' },
  async breaks(world) {
    await world.ask('ALTER TABLE audit_entries DISABLE TRIGGER USER');
    await world.ask(
      `UPDATE audit_entries SET action = action || '.other'
       WHERE id = (SELECT min(id) FROM audit_entries WHERE tenant_id = $1) AND tenant_id = $1`,
      [world.tenant.id],
    );
    await world.ask('ALTER TABLE audit_entries ENABLE TRIGGER USER');
  },
};
