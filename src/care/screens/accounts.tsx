/** The accounts of a patient with their balances, and the way to the entries for those who may read them. */
import { Hidden, Table } from '../../platform/pages/index.ts';
import type { Account } from '../accounts/schema.ts';
import { at } from './addresses.ts';
import { may } from './api.ts';
import { patientId, patientPage, readPatient } from './patient-frame.tsx';
import type { Action, Screen } from './visit.ts';

const operation = (id: string) => `/care/patients/${encodeURIComponent(id)}/accounts`;

export const accountsScreen: Screen = {
  path: at.accounts(':id'),
  async show(visit) {
    const { c, api, me } = visit;
    const id = patientId(visit);
    const [patient, { items }] = await Promise.all([
      readPatient(visit, id),
      api.get<{ items: Account[] }>(operation(id)),
    ]);
    const readsEntries = may(me, 'care:billing:entries');
    return patientPage(
      visit,
      patient,
      'Accounts',
      <>
        {items.length === 0 ? (
          <p class="empty">The patient has no account.</p>
        ) : (
          <Table caption="Accounts" columns={['Account', 'Balance', 'Meaning']}>
            {items.map((account) => (
              <tr>
                <th scope="row">
                  {readsEntries ? <a href={at.account(account.id)}>{account.currency}</a> : account.currency}
                </th>
                <td class="number">{`${account.balance} ${account.currency}`}</td>
                <td>{meaningOf(account)}</td>
              </tr>
            ))}
          </Table>
        )}
        {may(me, 'care:billing:write') && items.length === 0 && (
          <form method="post" action={at.accounts(id)}>
            <Hidden fields={{ key: c.var.scope.system.token(), back: at.accounts(id) }} />
            <button type="submit" class="usual">
              Open an account
            </button>
          </form>
        )}
      </>,
    );
  },
};

/** Says what a balance means for the patient. */
function meaningOf({ balance }: Account): string {
  if (!/[1-9]/.test(balance)) return 'balanced';
  return balance.startsWith('-') ? 'a credit of the patient' : 'to pay by the patient';
}

export const openAccountOf: Action = {
  path: at.accounts(':id'),
  async act(visit) {
    const { id } = await visit.api.post<Account>(operation(patientId(visit)), undefined, visit.fields['key']);
    return at.account(id);
  },
};
