/** A record with all its versions, the newest first, and the form of the next version. */
import { Hidden } from '../../platform/pages/index.ts';
import type { MedicalRecord } from '../records/schema.ts';
import { at } from './addresses.ts';
import { may } from './api.ts';
import { Closed, refusalOf } from './closed.tsx';
import { namesOf } from './facts.ts';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { KINDS } from './records.tsx';
import { Badge, Stamp } from './show.tsx';
import type { Action, Screen } from './visit.ts';

/** The path of an operation on the records of the address. */
function operation(id: string, ...parts: string[]): string {
  return ['/care/patients', encodeURIComponent(id), 'records', ...parts.map(encodeURIComponent)].join('/');
}

export const recordScreen: Screen = {
  path: at.record(':id', ':recordId'),
  async show(visit) {
    const { c, api, me } = visit;
    const id = patientId(visit);
    const recordId = c.req.param('recordId') ?? '';
    const [patient, record] = await Promise.all([
      readPatient(visit, id),
      api.get<MedicalRecord>(operation(id, recordId)).catch(refusalOf),
    ]);
    if (record instanceof Error) {
      return { ...patientPage(visit, patient, 'Records', <Closed id={id} refusal={record} />), status: 403 };
    }
    const { kind, recordClass, version: newest, versions } = record;
    const nameOf = await namesOf(
      visit,
      versions.map(({ authorId }) => authorId),
    );
    return patientPage(
      visit,
      patient,
      'Records',
      <>
        <h2>
          {KINDS[kind]} {recordClass === 'restricted' && <Badge state="restricted" />}
        </h2>
        <ol class="versions">
          {versions.map(({ version, text, authorId, at: writtenAt }) => (
            <li>
              <article aria-label={`Version ${version}`}>
                <p class="soft">
                  {version === newest ? <b>Version {version}, the newest</b> : `Version ${version}`} ·{' '}
                  {nameOf(authorId)} · <Stamp at={writtenAt} />
                </p>
                <p class="body">{text}</p>
              </article>
            </li>
          ))}
        </ol>
        {may(me, 'care:records:write') && (
          <details class="panel">
            <summary>Amend</summary>
            <form method="post" action={`${at.record(id, recordId)}/amend`} class="stack">
              <Hidden
                fields={{ version: String(newest), key: c.var.scope.system.token(), back: at.record(id, recordId) }}
              />
              <label>
                Text of version {newest + 1}
                <textarea name="text" rows={5} required maxlength={20_000}></textarea>
              </label>
              <button type="submit" class="usual">
                Add the version
              </button>
            </form>
          </details>
        )}
        <p>
          <a href={at.records(id)}>All records</a>
        </p>
      </>,
    );
  },
};

export const addRecord: Action = {
  path: at.records(':id'),
  async act(visit) {
    const { api, fields } = visit;
    const { kind, recordClass, text, key } = fields;
    const { patientId: id, id: recordId } = await api.post<MedicalRecord>(
      operation(patientId(visit)),
      { kind, recordClass, text },
      key,
    );
    return at.record(id, recordId);
  },
};

export const amendRecord: Action = {
  path: `${at.record(':id', ':recordId')}/amend`,
  async act(visit) {
    const { c, api, fields } = visit;
    const id = patientId(visit);
    const recordId = c.req.param('recordId') ?? '';
    const { version, text, key } = fields;
    await api.post(operation(id, recordId, 'amend'), { version: Number(version), text }, key);
    return at.record(id, recordId);
  },
};
