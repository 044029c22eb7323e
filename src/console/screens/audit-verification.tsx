/** The verification of the whole audit trail: the form that queues its job, and the page with its progress and result. */
import {
  type AuditFault,
  type AuditReport,
  readKeptSeals,
  readOutsideState,
  requestVerification,
  verifyJob,
} from '../../platform/audit/index.ts';
import { idSchema, invalidField, notFound } from '../../platform/http/index.ts';
import { readJob } from '../../platform/jobs/index.ts';
import { Table } from '../../platform/pages/index.ts';
import { amount, Badge, counted, Moment } from '../parts/show.tsx';
import type { Action, Screen, Visit } from '../screen.ts';

export const screen: Screen = {
  title: 'Verification of the audit trail',
  access: 'audit:read',
  topics: () => ['jobs'],
  open: () => async (visit) => {
    const { c, scope, tenant, now } = visit;
    const { data: id } = idSchema.safeParse(c.req.param('id'));
    const record = id === undefined ? null : await readJob({ redis: scope.redis, sealer: 'redact' }, tenant.tenant, id);
    if (record?.name !== verifyJob.name) throw notFound('verification');
    const { state, reason, updatedAt } = record;
    return (
      <>
        <p>
          <Badge state={state} /> <Moment at={updatedAt} now={now} />
        </p>
        {state === 'done' ? (
          // Only this job writes its result.
          <Report report={record.result as AuditReport} />
        ) : state === 'dead' || state === 'cancelled' ? (
          <p class="problem" role="alert">
            The verification did not end{reason === null ? '' : `: ${reason}`}. Its result says nothing about the trail.
          </p>
        ) : (
          <Progress visit={visit} seals={(record.progress as { seals?: number } | undefined)?.seals ?? 0} />
        )}
        <p>
          <a href={`/console/jobs/${id}`}>The job</a> · <a href="/console/audit">The audit trail</a>
        </p>
      </>
    );
  },
};

async function Progress({ visit, seals }: { visit: Visit; seals: number }) {
  const { scope, tenant } = visit;
  const head = (await readOutsideState(scope.store, tenant.tenant))?.head ?? 0;
  return (
    <section>
      <label>
        {amount(seals)} of {counted(head, 'seal')} verified
        <progress value={seals} max={Math.max(1, head)} />
      </label>
      <p class="soft">
        Every seal and every entry is computed again. With the switch “Live” on, this page shows the end by itself; else{' '}
        <a href={visit.c.req.path}>look again</a>.
      </p>
    </section>
  );
}

/** Each fault in plain words. */
const FAULTS: Readonly<Record<AuditFault['code'], string>> = {
  ENTRY_CHANGED: 'A field of the entry, or its data, was changed after it was written.',
  ENTRY_MISSING: 'The seal has fewer entries than it counted: an entry was removed.',
  ENTRY_ADDED: 'The seal has more entries than it counted: an entry was added.',
  ROOT_CHANGED: 'The entries, or their order, are not those that were sealed.',
  SEAL_CHANGED: 'The content of the seal was changed.',
  SEAL_UNSIGNED: 'The signature of the seal is wrong, or its key is unknown.',
  CHAIN_BROKEN: 'A seal before this one is missing, or was made again.',
  SEAL_MISSING: 'The seal is missing: an entry names it, or it was kept outside the database.',
  ANCHOR_DIFFERS: 'The seal that was kept outside the database is another one: the trail was made again.',
  NOT_SEALED: 'The entry is older than 10 minutes and has no seal. The schedule audit.seal may not run.',
};

function Report({ report: { entries, seals, anchors = 0, faults } }: { report: AuditReport }) {
  const isGood = faults.length === 0;
  return (
    <>
      <p class={isGood ? 'told' : 'problem'} role={isGood ? 'status' : 'alert'}>
        <b>{isGood ? 'The trail is as it was sealed.' : `The trail has ${counted(faults.length, 'fault')}.`}</b>{' '}
        {counted(entries, 'entry', 'entries')} in {counted(seals, 'seal')} were verified.{' '}
        {anchors > 0
          ? `The trail was compared with ${counted(anchors, 'seal')} from outside the database.`
          : 'No seal from outside the database was compared, so a removal of the newest seals would not be found.'}
      </p>
      {!isGood && (
        <Table caption="Faults, in the order of the trail" columns={['Fault', 'Meaning', 'Seal', 'Entry']}>
          {faults.map(({ code, seal, entry }) => (
            <tr>
              <th scope="row">{code}</th>
              <td class="wide">{FAULTS[code]}</td>
              <td class="number">{seal ?? '–'}</td>
              <td>{entry === null ? '–' : <a href={`/console/audit/entries/${entry}`}>{entry}</a>}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

/** The button that queues a verification. A seal from the daily mail may be given to compare with. */
export function VerifyForm() {
  return (
    <section>
      <h2>Verify the trail</h2>
      <form method="post" action="/console/audit/verify" class="question">
        <label>
          A seal that you kept, such as the line of the daily mail (optional)
          <textarea name="anchor" rows={3} maxlength={10_000} spellcheck={false}></textarea>
        </label>
        <p class="buttons">
          <button type="submit">Verify the trail</button>
        </p>
      </form>
    </section>
  );
}

export const verify: Action = async ({ tenant }, { anchor: text = '' }) => {
  const id = await requestVerification(tenant, text.trim() === '' ? {} : { anchor: anchorOf(text, tenant.tenant) });
  return { done: 'verification-queued', to: `/console/audit/verifications/${id}` };
};

function anchorOf(text: string, tenant: string): { seal: number; hash: string } {
  const [kept] = readKeptSeals(text) ?? [];
  if (!kept) throw invalidField('anchor', 'must contain a seal as JSON with "seal" and "hash", as the daily mail does');
  const { tenantId = tenant, seal, hash } = kept;
  if (tenantId !== tenant) throw invalidField('anchor', 'must be a seal of this tenant');
  return { seal, hash };
}
