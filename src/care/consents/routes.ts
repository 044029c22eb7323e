/** `/care/patients/{id}/consents`: the patient's decisions about the readers of records, written down at the desk. */
import { createRouter, invalidField, notFound, type TenantScope } from '../../platform/http/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { noteWrite, ofPatient, requireRowId } from '../audited.ts';
import { requirePatient } from '../patients/require.ts';
import { careTags } from '../tags.ts';
import { type Consent, consentListSchema, consentPathSchema, consentSchema, newConsentSchema } from './schema.ts';

export const consentRoutes = createRouter();

const tag = 'Consents';
const path = '/care/patients/{id}/consents';
const entityOf = (id: string) => ({ type: 'consent', id });

view(consentRoutes, {
  id: 'consents.list',
  path,
  tag,
  summary: 'List the consents of a patient, newest first',
  cost: { commands: 3 },
  access: 'care:patients:write',
  params: oneSchema,
  answer: consentListSchema,
  missing: 'patient',
  audited: ofPatient('consents.listed'),
  async load({ id }, { tenant }) {
    requireRowId('patient', id);
    const client = await tenant.db();
    const ofPatient = { tenantId: tenant.tenant, patientId: id };
    const rows = await client.patientConsent.findMany({ where: ofPatient, orderBy: { id: 'desc' }, take: 500 });
    if (rows.length === 0) {
      const where = { tenantId_id: { tenantId: tenant.tenant, id } };
      if (!(await client.patient.findUnique({ where, select: { id: true } }))) return null;
    }
    return { items: rows.map(toConsent) };
  },
});

command(consentRoutes, {
  id: 'consents.create',
  path,
  tag,
  summary: 'Create a consent of a patient',
  cost: { requests: 3, commands: 6, statements: 6 },
  description:
    'A decision about one user is stronger than one about everyone, and a denial is stronger than a permission.',
  access: 'care:patients:write',
  params: oneSchema,
  body: newConsentSchema,
  answer: consentSchema,
  status: 201,
  effect: 'The new consent',
  problems: [404],
  async run({ params: { id: patientId }, body }, { tenant, caller }, c) {
    noteWrite(c, { action: 'consent.written', entity: { type: 'patient', id: patientId }, patientId });
    return tenant.commit(async (tx) => {
      await requirePatient(tx, patientId);
      const now = new Date(tx.system.now());
      const { decision, recordClass, userId = null, from, until } = body;
      const validFrom = from === undefined ? now : new Date(from);
      const validUntil = until ? new Date(until) : null;
      if (validUntil && validUntil <= validFrom) {
        throw invalidField('until', 'must be after from');
      }
      const row = await tx.db.patientConsent.create({
        data: {
          ...{ tenantId: tx.tenant, id: tx.system.rowId('consent'), patientId, userId, decision, recordClass },
          ...{ validFrom, validUntil, recordedBy: caller.id, createdAt: now },
        },
      });
      tx.invalidate(careTags.access(patientId));
      const data = { decision, recordClass, userId, from: validFrom, until: validUntil };
      await tx.audit({ action: 'consent.created', entity: entityOf(row.id), patientId, data });
      return toConsent(row);
    });
  },
});

command(consentRoutes, {
  id: 'consents.revoke',
  path: `${path}/{consentId}/revoke`,
  tag,
  summary: 'Revoke a consent of a patient',
  cost: { requests: 3, commands: 6, statements: 5 },
  access: 'care:patients:write',
  params: consentPathSchema,
  effect: 'The consent is not valid any more',
  harmlessTwice: true,
  problems: [404],
  async run({ params: { id, consentId } }, { tenant }, c) {
    noteWrite(c, { action: 'consent.written', entity: entityOf(consentId), patientId: id });
    await revoke(tenant, id, consentId);
  },
});

/** Ends a consent now. One that has ended already stays unchanged. */
function revoke(tenant: TenantScope, patientId: string, id: string): Promise<void> {
  return tenant.commit(async (tx) => {
    const now = new Date(tx.system.now());
    const where = { tenantId: tx.tenant, id, patientId };
    if ((await tx.db.patientConsent.count({ where })) === 0) throw notFound('consent');
    const valid = { ...where, OR: [{ validUntil: null }, { validUntil: { gt: now } }] };
    const { count } = await tx.db.patientConsent.updateMany({ where: valid, data: { validUntil: now } });
    if (count === 0) return;
    tx.invalidate(careTags.access(patientId));
    await tx.audit({ action: 'consent.revoked', entity: entityOf(id), patientId });
  });
}

interface ConsentRow extends Omit<Consent, 'from' | 'until'> {
  validFrom: Date;
  validUntil: Date | null;
}

function toConsent({ id, decision, recordClass, userId, validFrom, validUntil, recordedBy }: ConsentRow): Consent {
  const times = { from: validFrom.toISOString(), until: validUntil?.toISOString() ?? null };
  return { id, decision, recordClass, userId, ...times, recordedBy };
}
