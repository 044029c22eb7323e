/** The seals of the audit trail, the newest first, and which of them are kept outside the database. */
import { type OutsideState, readOutsideState, readSealsBefore } from '../../platform/audit/index.ts';
import { Fact, Table } from '../../platform/pages/index.ts';
import { amount, Stamp } from '../parts/show.tsx';
import type { Screen, Visit } from '../screen.ts';
import { VerifyForm } from './audit-verification.tsx';

const PAGE = 25;
/** Greater than the number of any seal. */
const NEWEST = 2 ** 31 - 1;

export const screen: Screen = {
  title: 'Seals of the audit trail',
  access: 'audit:read',
  topics: () => [],
  open: () => async (visit) => {
    const { c, scope, tenant } = visit;
    const before = Number(/^[1-9]\d{0,8}$/.exec(c.req.query('before') ?? '')?.[0] ?? NEWEST);
    const [found, outside] = await Promise.all([
      readSealsBefore(scope.store, tenant.tenant, before, PAGE + 1),
      readOutsideState(scope.store, tenant.tenant),
    ]);
    const seals = found.slice(0, PAGE);
    const hasBucket = scope.environment.AUDIT_ANCHOR_URL !== undefined;
    return (
      <>
        <Outside outside={outside} hasBucket={hasBucket} isSigning={isSigning(visit)} />
        {seals.length === 0 ? (
          <p class="empty">{outside ? 'There is no older seal.' : 'The audit trail of this tenant has no seal yet.'}</p>
        ) : (
          <Table
            caption="Seals, the newest first"
            columns={['Seal', 'Sealed', 'Entries', 'From', 'To', 'Outside', 'Key', 'Hash']}
          >
            {seals.map(({ seal, sealedAt, count, firstAt, lastAt, keyId, hash }) => (
              <tr>
                <th scope="row">{amount(seal)}</th>
                <td>
                  <Stamp at={sealedAt} />
                </td>
                <td class="number">{amount(count)}</td>
                <td>
                  <Stamp at={firstAt} />
                </td>
                <td>
                  <Stamp at={lastAt} />
                </td>
                <td>{stateOf(seal, outside)}</td>
                <td>{keyId}</td>
                <td>
                  <code>{hash}</code>
                </td>
              </tr>
            ))}
          </Table>
        )}
        {found.length > PAGE && (
          <p class="pages">
            <a rel="next" href={`/console/audit/seals?before=${seals.at(-1)?.seal}`}>
              Older seals
            </a>
          </p>
        )}
        <VerifyForm />
      </>
    );
  },
};

function isSigning({ scope }: Visit): boolean {
  return scope.environment.AUDIT_SIGNING_KEYS !== undefined;
}

/** A seal contains the hash of the one before, so a seal that is kept outside proves all before it. */
function stateOf(seal: number, outside: OutsideState | undefined): string {
  const { anchored = 0, mailed = 0 } = outside ?? {};
  if (seal <= anchored) return 'in the bucket';
  return seal <= mailed ? 'in a mail' : 'not yet';
}

function Outside(props: { outside: OutsideState | undefined; hasBucket: boolean; isSigning: boolean }) {
  const { outside, hasBucket, isSigning } = props;
  const { anchored = 0, mailed = 0, mailedOn = null } = outside ?? {};
  return (
    <>
      {!isSigning && <p class="problem">This deployment has no AUDIT_SIGNING_KEYS, so new entries get no seal.</p>}
      <dl class="facts">
        <Fact name="Newest seal">{outside ? amount(outside.head) : 'none'}</Fact>
        <Fact name="Newest seal in the bucket">
          {anchored > 0 ? amount(anchored) : 'none'}
          {!hasBucket && ', because AUDIT_ANCHOR_URL is not set'}
        </Fact>
        <Fact name="Newest seal in a mail">{mailed > 0 ? `${amount(mailed)}, on ${mailedOn}` : 'none'}</Fact>
      </dl>
      <p class="soft">
        A seal contains the hash of the one before. So a seal that is kept outside the database proves all before it.
      </p>
    </>
  );
}
