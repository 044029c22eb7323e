/** Breaking the glass: the dialog that starts an access in an emergency, and the confirmation by a second person. */

import { ProblemError } from '../../platform/http/index.ts';
import { Hidden } from '../../platform/pages/index.ts';
import type { Emergency } from '../break-glass/schema.ts';
import { at } from './addresses.ts';
import { may } from './api.ts';
import { patientId } from './patient-frame.tsx';
import { asksForProof, Proof, withProof } from './proof.tsx';
import { Stamp } from './show.tsx';
import type { Action, Page, Screen, Visit } from './visit.ts';

export const emergencyScreen: Screen = {
  path: at.emergency(':id'),
  show: async (visit) => {
    if (!may(visit.me, 'care:break-glass')) {
      throw new ProblemError(403, 'NOT_ALLOWED', 'This needs the right care:break-glass');
    }
    return dialog(visit);
  },
};

export const startEmergency: Action = {
  path: at.emergency(':id'),
  async act(visit) {
    const { api, fields } = visit;
    const id = patientId(visit);
    const { reason = '', recordClass = 'normal', key } = fields;
    const path = `/care/patients/${encodeURIComponent(id)}/break-glass`;
    const started = await withProof(visit, () =>
      api.post<Emergency>(path, { reason, purpose: 'ETREAT', recordClass }, key),
    );
    if (started instanceof Error) return { ...dialog(visit, started), status: 403 };
    return started.isOpen ? at.records(id) : waiting(started);
  },
};

/** The dialog. It asks for nothing about the patient, because the user may not know it yet. */
function dialog(visit: Visit, problem?: ProblemError): Page {
  const { c, fields } = visit;
  const id = patientId(visit);
  const isRestricted = (fields['recordClass'] ?? c.req.query('class')) === 'restricted';
  return {
    title: 'Break the glass',
    content: (
      <form method="post" action={at.emergency(id)} class="dialog" aria-label="Break the glass">
        <p class="lead">
          You open the records of a patient without a care relation. They are open for <b>60 minutes</b>.
        </p>
        <ul class="rules">
          <li>Reviewers are told now, by inbox and mail, and judge this access within 72 hours.</li>
          <li>Each read is in the audit trail as emergency treatment, with your name.</li>
          <li>You may start three a day.</li>
        </ul>
        <Hidden fields={{ key: fields['key'] ?? c.var.scope.system.token(), back: at.records(id) }} />
        <label>
          Reason, at least 10 characters
          <textarea name="reason" rows={3} required minlength={10} maxlength={1_000} aria-describedby="reason-help">
            {fields['reason'] ?? ''}
          </textarea>
          <small id="reason-help" class="soft">
            For the reviewers. The text is sealed.
          </small>
        </label>
        <fieldset class="choice">
          <legend>Records</legend>
          <label>
            <input type="radio" name="recordClass" value="normal" checked={!isRestricted} /> Normal records
          </label>
          <label>
            <input type="radio" name="recordClass" value="restricted" checked={isRestricted} /> Restricted records too:
            a second person must confirm within 10 minutes
          </label>
        </fieldset>
        {problem && asksForProof(problem) && <Proof problem={problem} />}
        {problem && !asksForProof(problem) && (
          <p class="wrong" role="alert">
            {problem.fields.map(({ field, message }) => `${field} ${message}`).join('; ')}
          </p>
        )}
        <p class="buttons">
          <button type="submit" class="danger filled">
            Open the records for 60 minutes
          </button>
          <a class="button" href={at.records(id)}>
            Back
          </a>
        </p>
      </form>
    ),
  };
}

/** The page after a start that a second person must confirm. */
function waiting({ id, patientId: patient, expiresAt }: Emergency): Page {
  return {
    title: 'A second person must confirm',
    content: (
      <section>
        <p>
          A colleague with the right to approve confirms until <Stamp at={expiresAt} />, at{' '}
          <code>{at.confirm(id)}</code>, and was told by the inbox.
        </p>
        <p>
          <a class="button" href={at.records(patient)}>
            Confirmed: to the records
          </a>
        </p>
      </section>
    ),
  };
}

export const confirmScreen: Screen = {
  path: at.confirm(':id'),
  show: async (visit) => {
    if (!may(visit.me, 'care:break-glass:approve')) {
      throw new ProblemError(403, 'NOT_ALLOWED', 'This needs the right care:break-glass:approve');
    }
    return confirmation(visit);
  },
};

export const confirmEmergency: Action = {
  path: at.confirm(':id'),
  async act(visit) {
    const id = visit.c.req.param('id') ?? '';
    const confirmed = await withProof(visit, () =>
      visit.api.post<Emergency>(`/care/break-glass/${encodeURIComponent(id)}/confirm`),
    );
    if (confirmed instanceof Error) return { ...confirmation(visit, confirmed), status: 403 };
    return {
      title: 'Confirmed',
      content: (
        <p class="told" role="status">
          The records are open to your colleague until <Stamp at={confirmed.expiresAt} />.
        </p>
      ),
    };
  },
};

function confirmation({ c }: Visit, problem?: ProblemError): Page {
  const id = c.req.param('id') ?? '';
  return {
    title: 'Confirm an access in an emergency',
    content: (
      <form method="post" action={at.confirm(id)} class="dialog" aria-label="Confirm an access in an emergency">
        <p class="lead">
          A colleague asks to open restricted records of a patient for <b>60 minutes</b>. You are the second person.
        </p>
        <p class="soft">Access {id}</p>
        <Hidden fields={{ back: at.home }} />
        {problem && <Proof problem={problem} />}
        <p class="buttons">
          <button type="submit" class="danger filled">
            Confirm
          </button>
          <a class="button" href={at.home}>
            Back
          </a>
        </p>
      </form>
    ),
  };
}
