/** `/care/patients/{id}/records` */
import { allows, type Caller, createRouter, noteRead, notFound, ProblemError } from '../../platform/http/index.ts';
import { command, oneSchema, view } from '../../platform/rest/index.ts';
import { noteWrite, ofPatient, patientIn, requireRowId, shownId } from '../audited.ts';
import { accessOfPatient } from '../relations/access.ts';
import { recordsOf } from '../relations/require.ts';
import { isAuthor, recordById, recordPage } from './queries.ts';
import {
  amendmentSchema,
  type ListedRecord,
  newRecordSchema,
  recordPageQuerySchema,
  recordPageSchema,
  recordPathSchema,
  recordSchema,
} from './schema.ts';
import { addRecord, amendRecord } from './writes.ts';

export const recordRoutes = createRouter();

const tag = 'Records';
const path = '/care/patients/{id}/records';

/**
 * The purposes of reads, as codes of HL7 PurposeOfUse: treatment, or emergency treatment during an access in an
 * emergency. The database has the entry of an emergency before the answer is sent.
 */
const TREAT = { purpose: 'TREAT' };
const ETREAT = { purpose: 'ETREAT', strict: true };

/** Returns the record in a path, for the entry of a read. */
const recordIn = ({ recordId }: { recordId: string }) => shownId(recordId);

view(recordRoutes, {
  id: 'records.list',
  path,
  tag,
  summary: 'List the records of a patient, newest first',
  cost: { miss: { requests: 6, commands: 9, statements: 2 } },
  description: 'Without texts. Records that you may not see are left out, so a page may have fewer items than `limit`.',
  access: 'care:records:read',
  params: oneSchema,
  search: recordPageQuerySchema,
  answer: recordPageSchema,
  problems: [404],
  audited: { ...ofPatient('records.listed'), late: true },
  prefetch(cache, _day, c) {
    const patientId = c.req.param('id') ?? '';
    cache.prefetch(accessOfPatient, { patientId });
    const search = recordPageQuerySchema.safeParse(c.req.query());
    if (search.success) cache.prefetch(recordPage, { patientId, ...search.data });
  },
  async load({ id, limit, cursor }, services, _day, c) {
    requireRowId('patient', id);
    requireRowId('cursor', cursor);
    const records = await recordsOf(services, id);
    const page = await services.tenant.cache.read(recordPage, { patientId: id, limit, cursor });
    const items = page.items.filter(
      (record) =>
        seesKind(services.caller, record) &&
        records.about({ recordClass: record.recordClass, isAuthor: record.authorId === records.userId }).allowed,
    );
    const ground =
      items.length > 0 ? records.about({ recordClass: 'normal' }) : records.require({ recordClass: 'normal' });
    const purpose = ground.allowed && ground.ground === 'emergency' ? ETREAT : TREAT;
    noteRead(c, { ...purpose, data: { records: items.map((record) => record.id) } });
    const until = records.emergencyUntil;
    return { ...page, items, emergencyUntil: until === null ? null : new Date(until).toISOString() };
  },
});

command(recordRoutes, {
  id: 'records.create',
  path,
  tag,
  summary: 'Create a record of a patient',
  cost: { requests: 6, commands: 9, statements: 8 },
  access: 'care:records:write',
  params: oneSchema,
  body: newRecordSchema,
  answer: recordSchema,
  location: ({ patientId, id }) => `/care/patients/${patientId}/records/${id}`,
  effect: 'The new record',
  // A repeated request must not show the record to a user who has lost the access in the meantime.
  secretAnswer: true,
  problems: [404],
  async run({ params: { id }, body }, services, c) {
    noteWrite(c, { action: 'records.written', entity: { type: 'patient', id }, patientId: id });
    requireKind(services.caller, body);
    const records = await recordsOf(services, id);
    // The author of a restricted record may write it for a patient whom the author cares for.
    records.require({ recordClass: 'normal' });
    return addRecord(services.tenant, id, records.userId, body);
  },
});

view(recordRoutes, {
  id: 'records.get',
  path: `${path}/{recordId}`,
  tag,
  summary: 'Get a record of a patient with all its versions',
  cost: { miss: { requests: 5, commands: 8, statements: 3 } },
  access: 'care:records:read',
  params: recordPathSchema,
  answer: recordSchema,
  missing: 'record',
  audited: {
    ...{ action: 'record.read', entity: 'record', idOf: recordIn, patientOf: patientIn },
    ...TREAT,
  },
  prefetch(cache, _day, c) {
    const patientId = c.req.param('id') ?? '';
    cache.prefetch(accessOfPatient, { patientId });
    cache.prefetch(recordById, { patientId, id: c.req.param('recordId') ?? '' });
  },
  async load({ id, recordId }, services, _day, c) {
    requireRowId('record', id, recordId);
    const records = await recordsOf(services, id);
    const record = await services.tenant.cache.read(recordById, { patientId: id, id: recordId });
    // Without a relation, the caller does not learn which records exist.
    if (!record) {
      records.require({ recordClass: 'normal' });
      return null;
    }
    const { recordClass } = record;
    const { ground } = records.require({ recordClass, isAuthor: isAuthor(record, records.userId) });
    if (!seesKind(services.caller, record)) throw otherKind();
    if (ground === 'emergency') noteRead(c, { ...ETREAT, data: { ground, version: record.version } });
    return record;
  },
});

command(recordRoutes, {
  id: 'records.amend',
  path: `${path}/{recordId}/amend`,
  tag,
  summary: 'Amend a record by a new version',
  cost: { requests: 9, commands: 12, statements: 10 },
  access: 'care:records:write',
  params: recordPathSchema,
  body: amendmentSchema,
  effect: 'The version was added',
  problems: [404],
  async run({ params: { id, recordId }, body }, services, c) {
    noteWrite(c, { action: 'record.written', entity: { type: 'record', id: recordId }, patientId: id });
    const records = await recordsOf(services, id);
    const record = await services.tenant.cache.read(recordById, { patientId: id, id: recordId });
    if (!record) throw notFound('record');
    records.require({ recordClass: record.recordClass, isAuthor: isAuthor(record, records.userId) });
    requireKind(services.caller, record);
    await amendRecord(services.tenant, { patientId: id, id: recordId }, records.userId, body);
  },
});

/** Returns whether a caller may see records of this kind: nurses see notes. */
function seesKind({ rights }: Caller, { kind }: Pick<ListedRecord, 'kind'>): boolean {
  return kind === 'note' || allows(rights, 'care:records:all');
}

function requireKind(caller: Caller, record: Pick<ListedRecord, 'kind'>): void {
  if (!seesKind(caller, record)) throw otherKind();
}

function otherKind(): ProblemError {
  return new ProblemError(403, 'NOT_ALLOWED', 'Records other than notes need the right care:records:all');
}
