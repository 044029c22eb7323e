/** The entries of an account, each with the form of its reversal, and the form of a new entry. */
import type { ProblemError } from '../../platform/http/index.ts';
import { Hidden, Table } from '../../platform/pages/index.ts';
import type { AccountKind, Entry } from '../accounts/schema.ts';
import { at } from './addresses.ts';
import { Refusal } from './refusal.tsx';
import { Badge, Stamp } from './show.tsx';

/** The kinds of entries, as pages name them. */
export const KINDS: Readonly<Record<Entry['kind'], string>> = {
  ...{ charge: 'Charge', payment: 'Payment', adjustment: 'Adjustment', claim: 'Claim', reversal: 'Reversal' },
};

/** The kinds of new entries, with their effects. */
const NEW = {
  charge: 'Charge: the patient has more to pay',
  payment: 'Payment: lowers the balance',
  claim: 'Claim: an insurer has to pay',
  adjustment: 'Adjustment: raises the balance, or lowers it with a minus',
} as const;

/** The fields, as the page names them. */
const NAMES = { kind: 'Kind', amount: 'Amount', insurer: 'Insurer', memo: 'Note' } as const;

/** The entries. `token` makes a key for each form; without it, there are no forms. */
export function Entries(props: {
  id: string;
  items: readonly Entry[];
  currency: string;
  token: (() => string) | undefined;
}) {
  const { id, items, currency, token } = props;
  const reversed = new Set(items.map(({ reversesId }) => reversesId));
  if (items.length === 0) return <p class="empty">The account has no entry.</p>;
  return (
    <Table
      caption="Entries, the newest first"
      columns={['Number', 'Time', 'Kind', 'Amount', 'Balance', 'Note', 'Actions']}
    >
      {items.map(({ id: transactionId, version, kind, amount, balance, memo, at: postedAt }) => (
        <tr>
          <th scope="row" class="number">
            {version}
          </th>
          <td>
            <Stamp at={postedAt} />
          </td>
          <td>{KINDS[kind]}</td>
          <td class="number">{`${amount} ${currency}`}</td>
          <td class="number">{`${balance} ${currency}`}</td>
          <td class="wide">{memo ?? '–'}</td>
          <td>
            {reversed.has(transactionId) ? (
              <Badge state="reversed" />
            ) : (
              kind !== 'reversal' &&
              token && <Reversal {...{ id, transactionId }} token={token()} about={`entry ${version}`} />
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The form that takes an entry back. It is behind a question, because a reversal is not taken back. */
function Reversal(props: { id: string; transactionId: string; token: string; about: string }) {
  const { id, transactionId, token, about } = props;
  return (
    <details>
      <summary aria-label={`Reverse ${about}…`}>Reverse…</summary>
      <form method="post" action={`${at.account(id)}/entries/${transactionId}/reverse`} class="stack">
        <Hidden fields={{ key: token, back: at.account(id) }} />
        <label>
          Note
          <input name="memo" maxlength={500} autocomplete="off" />
        </label>
        <button type="submit" class="danger" aria-label={`Post the opposite of ${about}`}>
          Post the opposite
        </button>
      </form>
    </details>
  );
}

/** The form of a new entry. Insurers only pay. */
export function NewEntry(props: {
  id: string;
  kind: AccountKind;
  fields: Readonly<Record<string, string>>;
  problem: ProblemError | undefined;
  token: string;
}) {
  const { id, kind: accountKind, fields, problem, token } = props;
  if (accountKind !== 'patient' && accountKind !== 'insurer') return null;
  const isOfPatient = accountKind === 'patient';
  const kinds = Object.entries(NEW).filter(([kind]) => isOfPatient || kind === 'payment');
  return (
    <details class="panel" open={problem !== undefined}>
      <summary>New entry</summary>
      <form method="post" action={at.account(id)} class="stack" aria-label="New entry">
        {problem && <Refusal problem={problem} names={NAMES} />}
        <Hidden fields={{ key: token, back: at.account(id) }} />
        <label>
          {NAMES.kind}
          <select name="kind">
            {kinds.map(([kind, text]) => (
              <option value={kind} selected={kind === fields['kind']}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label>
          {NAMES.amount}
          <input
            name="amount"
            required
            inputmode="decimal"
            maxlength={18}
            autocomplete="off"
            value={fields['amount'] ?? ''}
          />
        </label>
        {isOfPatient && (
          <label>
            {NAMES.insurer}, for a claim
            <input name="insurer" maxlength={80} autocomplete="off" value={fields['insurer'] ?? ''} />
          </label>
        )}
        <label>
          {NAMES.memo}
          <input name="memo" maxlength={500} autocomplete="off" value={fields['memo'] ?? ''} />
        </label>
        <button type="submit" class="usual">
          Post
        </button>
      </form>
    </details>
  );
}
