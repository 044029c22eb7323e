/** The export of a patient: the question for one, its state, and its file, which is there for a day. */
import { ProblemError } from '../../platform/http/index.ts';
import { Fact, Hidden } from '../../platform/pages/index.ts';
import { at } from './addresses.ts';
import { requireRight } from './api.ts';
import { Closed, refusalOf } from './closed.tsx';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import { Proof, withProof } from './proof.tsx';
import { Badge, minutes, Stamp } from './show.tsx';
import type { Action, Page, Screen, Visit } from './visit.ts';

/** The answer of `GET /care/patients/{id}/exports/{exportId}`. */
interface Export {
  id: string;
  status: 'running' | 'done';
  createdAt: string;
  expiresAt: string;
}

/** The path of an operation on the exports of the address. */
function operation(id: string, ...parts: string[]): string {
  return ['/care/patients', encodeURIComponent(id), 'exports', ...parts.map(encodeURIComponent)].join('/');
}

export const exportsScreen: Screen = {
  path: at.exports(':id'),
  show: (visit) => question(visit),
};

export const startExport: Action = {
  path: at.exports(':id'),
  async act(visit) {
    const id = patientId(visit);
    const { api, fields } = visit;
    const started = await withProof(visit, () => api.post<Export>(operation(id), undefined, fields['key'])).catch(
      refusalOf,
    );
    return started instanceof Error ? question(visit, started) : at.exported(id, started.id);
  },
};

/** Asks for an export, for a proof of the factor, or says why the records are closed. */
async function question(visit: Visit, problem?: ProblemError): Promise<Page> {
  requireRight(visit.me, 'care:records:all');
  const id = patientId(visit);
  const patient = await readPatient(visit, id);
  const { c, fields } = visit;
  const isClosed = problem !== undefined && !asksForProof(problem);
  const content = isClosed ? (
    <Closed id={id} refusal={problem} />
  ) : (
    <form method="post" action={at.exports(id)} class="panel stack" aria-label="Export">
      <p>
        One file with the data of the patient and the records that you may see. It is sealed, only you can download it,
        and it is deleted after a day.
      </p>
      <Hidden fields={{ key: fields['key'] ?? c.var.scope.system.token(), back: at.exports(id) }} />
      {problem && <Proof problem={problem} />}
      <button type="submit" class="usual">
        Export
      </button>
    </form>
  );
  const shown = patientPage(visit, patient, 'Exports', content);
  return problem ? { ...shown, status: 403 } : shown;
}

/** Whether a refusal is about the proof, not about the records. */
function asksForProof({ members }: ProblemError): boolean {
  return members['canBreakGlass'] === undefined;
}

export const exportScreen: Screen = {
  path: at.exported(':id', ':exportId'),
  show: (visit) => state(visit),
};

/** The state of an export, with the way to its file. */
async function state(visit: Visit, problem?: ProblemError): Promise<Page> {
  const { c, api, now } = visit;
  const id = patientId(visit);
  const exportId = c.req.param('exportId') ?? '';
  const [patient, { status, createdAt, expiresAt }] = await Promise.all([
    readPatient(visit, id),
    api.get<Export>(operation(id, exportId)),
  ]);
  const here = at.exported(id, exportId);
  const content = (
    <>
      <dl class="facts">
        <Fact name="State">
          <Badge state={status === 'done' ? 'ok' : 'waiting'} text={status === 'done' ? 'ready' : 'being written'} />
        </Fact>
        <Fact name="Asked for">
          <Stamp at={createdAt} />
        </Fact>
        <Fact name="Kept until">
          <Stamp at={expiresAt} /> <span class="soft">{minutes(Date.parse(expiresAt) - now)} more</span>
        </Fact>
      </dl>
      {status === 'done' ? (
        <form method="post" action={`${here}/file`} class="panel stack" aria-label="File">
          <p>Each download is in the audit trail.</p>
          <Hidden fields={{ back: here }} />
          {problem && <Proof problem={problem} />}
          <button type="submit" class="usual">
            Download
          </button>
        </form>
      ) : (
        <p>
          <a class="button" href={here}>
            Look again
          </a>
        </p>
      )}
    </>
  );
  const shown = patientPage(visit, patient, 'Exports', content);
  return problem ? { ...shown, status: 403 } : shown;
}

export const downloadExport: Action = {
  path: `${at.exported(':id', ':exportId')}/file`,
  async act(visit) {
    const { c, api } = visit;
    const path = operation(patientId(visit), c.req.param('exportId') ?? '', 'file');
    const file = await withProof(visit, () => api.file(path));
    return file instanceof ProblemError ? state(visit, file) : c.body(file.text, 200, file.headers);
  },
};
