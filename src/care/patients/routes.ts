/** `/care/patients` */
import { allows, type Caller, createRouter } from '../../platform/http/index.ts';
import { rule, sliding } from '../../platform/limits/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { noteAccess, ofPatient, requireRowId } from '../audited.ts';
import { patientById } from './queries.ts';
import {
  foundPatientsSchema,
  mergeSchema,
  newPatientSchema,
  type Patient,
  patientChangesSchema,
  patientSchema,
  patientSearchSchema,
} from './schema.ts';
import { searchPatients } from './search.ts';
import { createPatient, mergePatient, updatePatient } from './writes.ts';

export const patientRoutes = createRouter();

const tag = 'Patients';
const path = '/care/patients/{id}';
/** A search reads the rows of strangers, so it is limited to the speed of a person at a desk. */
const searchRule = rule('care-search', { window: sliding(30, '1m'), by: 'user', whenDown: 'closed' });

command(patientRoutes, {
  id: 'patients.search',
  path: '/care/patients/search',
  tag,
  summary: 'Search patients by number or name',
  cost: { commands: 5, statements: 2 },
  description: 'At most 20 patients. Names are found by whole words. 30 searches a minute.',
  access: 'care:patients:read',
  harmlessTwice: true,
  commits: false,
  limits: [searchRule],
  body: patientSearchSchema,
  answer: foundPatientsSchema,
  async run({ body }, { tenant }, c) {
    noteAccess(c, { action: 'patient.searched', entity: { type: 'patient' } });
    const found = await searchPatients(tenant, body);
    const data = { by: Object.keys(body), patients: found.items.map(({ id }) => id) };
    noteAccess(c, { action: 'patient.searched', entity: { type: 'patient' }, data });
    return found;
  },
});

command(patientRoutes, {
  id: 'patients.create',
  path: '/care/patients',
  tag,
  summary: 'Create a patient',
  cost: { requests: 3, commands: 6, statements: 5 },
  access: 'care:patients:write',
  body: newPatientSchema,
  answer: patientSchema,
  location: ({ id }) => `/care/patients/${id}`,
  effect: 'The new patient',
  tagged: true,
  // A repeated request must not show the patient to a user who has lost the access in the meantime.
  secretAnswer: true,
  run: ({ body }, { tenant }) => createPatient(tenant, body),
});

view(patientRoutes, {
  id: 'patients.get',
  path,
  tag,
  summary: 'Get the demographics of a patient',
  cost: 'cached',
  access: 'care:patients:read',
  params: oneSchema,
  answer: patientSchema,
  tagged: true,
  missing: 'patient',
  audited: ofPatient('patient.read'),
  prefetch: (cache, _day, c) => cache.prefetch(patientById, { id: c.req.param('id') ?? '' }),
  async load({ id }, { tenant, caller }) {
    requireRowId('patient', id);
    const patient = await tenant.cache.read(patientById, { id });
    return patient && shownTo(caller, patient);
  },
});

command(patientRoutes, {
  id: 'patients.update',
  method: 'patch',
  path,
  tag,
  summary: 'Update the demographics of a patient',
  cost: { requests: 3, commands: 6, statements: 6 },
  access: 'care:patients:write',
  params: oneSchema,
  body: patientChangesSchema,
  answer: patientSchema,
  tagged: true,
  changes: ({ id }) => ({ kind: 'patient', id }),
  problems: [404],
  run: ({ params, body }, { tenant }) => updatePatient(tenant, params.id, body),
});

command(patientRoutes, {
  id: 'patients.merge',
  path: '/care/patients/{id}/merge',
  tag,
  summary: 'Merge a duplicate into a patient',
  cost: { requests: 3, commands: 6, statements: 20 },
  description: 'Records, visits and accounts of the duplicate move to this patient. Both audit trails are kept.',
  access: 'care:patients:write',
  params: oneSchema,
  body: mergeSchema,
  effect: 'The duplicate is a part of the patient',
  problems: [404],
  run: ({ params, body }, { tenant }) => mergePatient(tenant, params.id, body.duplicateId),
});

/**
 * Returns only the fields that a caller needs: a caller who sends bills needs the address, and no other contact data.
 */
function shownTo({ rights }: Caller, patient: Patient): Patient {
  if (allows(rights, 'care:flow:read')) return patient;
  return { ...patient, contact: { ...patient.contact, phone: null, email: null } };
}
