/** One entry of the audit trail: its fields, its data, and its proof, which this page verifies. */
import {
  type AuditEntry,
  checkProof,
  type EntryProof,
  type ProofParts,
  proofOf,
  publicKeysOf,
  readEntry,
  verifyProof,
} from '../../platform/audit/index.ts';
import { idSchema, notFound } from '../../platform/http/index.ts';
import { Fact } from '../../platform/pages/index.ts';
import { ProofPicture } from '../parts/proof-picture.tsx';
import { Badge, Data, Stamp } from '../parts/show.tsx';
import type { Screen, Visit } from '../screen.ts';
import { isErased } from './audit.tsx';

export const screen: Screen = {
  title: 'Audit entry',
  access: 'audit:read',
  topics: () => [],
  open: () => async (visit) => {
    const { c, scope, tenant } = visit;
    const { data: id } = idSchema.safeParse(c.req.param('id'));
    const entry = id === undefined ? undefined : await readEntry(scope.store, tenant.tenant, id);
    if (!entry) throw notFound('audit entry');
    return (
      <>
        <Fields entry={entry} />
        <section>
          <h2>Data</h2>
          {isErased(entry) ? <Erased id={entry.id} /> : <Data value={entry.data} />}
        </section>
        <section>
          <h2>Proof</h2>
          {entry.seal === null ? (
            <p>The entry has no seal yet. A new entry gets its seal, and so its proof, within minutes.</p>
          ) : (
            <Proof visit={visit} entry={entry} proof={await proofOf(scope.store, entry)} />
          )}
        </section>
      </>
    );
  },
};

/** The address of the search with one filter. */
const searchFor = (filter: Record<string, string>) => `/console/audit?${new URLSearchParams(filter)}`;

function Fields({ entry }: { entry: AuditEntry }) {
  const { id, action, outcome, occurredAt, actorType, actorId, onBehalf, entityType, entityId } = entry;
  const { patientId, purpose, requestId, ipDigest, seal } = entry;
  const thing: Record<string, string> = entityId === null ? { entityType } : { entityType, entityId };
  return (
    <dl class="facts">
      <Fact name="Action">
        <a href={searchFor({ action })}>{action}</a>
      </Fact>
      <Fact name="Time">
        <Stamp at={occurredAt} />
      </Fact>
      <Fact name="Outcome">
        <Badge state={outcome} />
      </Fact>
      <Fact name="Actor">
        {actorId === null ? actorType : <a href={searchFor({ actorId })}>{`${actorType} ${actorId}`}</a>}
      </Fact>
      {onBehalf !== null && <Fact name="On behalf of">{onBehalf}</Fact>}
      <Fact name="Thing">
        <a href={searchFor(thing)}>{`${entityType} ${entityId ?? ''}`}</a>
      </Fact>
      {patientId !== null && <Fact name="Patient">{patientId}</Fact>}
      {purpose !== null && <Fact name="Purpose">{purpose}</Fact>}
      <Fact name="Request">{requestId ?? '–'}</Fact>
      {ipDigest !== null && <Fact name="Digest of the address">{ipDigest}</Fact>}
      <Fact name="Id">
        <code>{id}</code>
      </Fact>
      <Fact name="Seal">{seal ?? 'none yet'}</Fact>
    </dl>
  );
}

function Erased({ id }: { id: string }) {
  return (
    <p>
      <Badge state="erased" /> The data were erased. The fields, the place and the proof stay.{' '}
      <a href={searchFor({ entityType: 'audit-entry', entityId: id })}>The entry about the erasure</a>
    </p>
  );
}

/** The sentence about each part of a proof: valid, and wrong. */
const PARTS: Readonly<Record<keyof ProofParts, readonly [string, string]>> = {
  entry: [
    'The fields and the data of the entry give its leaf.',
    'The fields or the data of the entry do not give its leaf: the entry was changed.',
  ],
  path: [
    'The leaf and the path give the root of the seal.',
    'The leaf and the path do not give the root of the seal: entries of the seal were changed, added, removed or moved.',
  ],
  seal: [
    'The content of the seal gives its hash.',
    'The content of the seal does not give its hash: the seal was changed.',
  ],
  signature: [
    'The signature of the hash is right.',
    'The signature of the hash is wrong, or the public key is unknown.',
  ],
};

async function Proof({ visit, entry, proof }: { visit: Visit; entry: AuditEntry; proof: EntryProof | null }) {
  if (!proof) {
    return (
      <p class="problem" role="alert">
        <b>The proof does not hold.</b> The entry names the seal {entry.seal}, which is missing.
      </p>
    );
  }
  const key = (await publicKeysOf(visit.scope.environment.AUDIT_SIGNING_KEYS)).get(proof.seal.keyId);
  const isValid = key !== undefined && (await verifyProof(proof, key));
  const parts = await checkProof(proof, key);
  return (
    <>
      <p class={isValid ? 'told' : 'problem'} role={isValid ? 'status' : 'alert'}>
        <b>{isValid ? 'The proof holds.' : 'The proof does not hold.'}</b> Verified now with the public key{' '}
        <code>{proof.seal.keyId}</code>
        {key === undefined && ', which this deployment does not have'}. Seal {entry.seal} has {proof.seal.count}{' '}
        {proof.seal.count === 1 ? 'entry' : 'entries'}, and is from <Stamp at={proof.seal.sealedAt} />.
      </p>
      <ul class="checks">
        {(Object.keys(PARTS) as (keyof ProofParts)[]).map((part) => (
          <li>
            <Badge state={parts[part] ? 'valid' : 'wrong'} /> {PARTS[part][parts[part] ? 0 : 1]}
          </li>
        ))}
      </ul>
      <ProofPicture proof={proof} isLeaf={parts.entry} />
      <p>
        <a href={`/audit/entries/${entry.id}/proof`}>The proof as JSON</a>, which an auditor can verify elsewhere with{' '}
        <a href="/.well-known/holdfast-audit-keys.json">the public keys</a>.
      </p>
    </>
  );
}
