/** The trial balance: the balances of the clinic by kind, and their sum, which is zero. */
import { Table, Tile } from '../../platform/pages/index.ts';
import type { AccountKind, TrialBalance } from '../accounts/schema.ts';
import { at } from './addresses.ts';
import type { Screen } from './visit.ts';

/** The kinds of accounts, as the page names them. */
const KINDS: Readonly<Record<AccountKind, string>> = {
  ...{ patient: 'Patients', insurer: 'Insurers', cash: 'Cash', revenue: 'Revenue', adjustment: 'Adjustments' },
};

export const ledgerScreen: Screen = {
  path: at.ledger,
  async show({ api }) {
    const { items, totals } = await api.get<TrialBalance>('/care/ledger');
    return {
      title: 'Ledger',
      content: (
        <>
          {items.length === 0 && <p class="empty">The ledger has no entry.</p>}
          <ul class="tiles" aria-label="Sums">
            {totals.map(({ currency, total }) => (
              <Tile name={`Sum in ${currency}`} note="zero, if every entry has two sides" warns={/[1-9]/.test(total)}>
                {total}
              </Tile>
            ))}
          </ul>
          {items.length > 0 && (
            <Table caption="Balances by kind" columns={['Accounts', 'Balance']}>
              {items.map(({ currency, kind, balance }) => (
                <tr>
                  <th scope="row">{KINDS[kind]}</th>
                  <td class="number">{`${balance} ${currency}`}</td>
                </tr>
              ))}
            </Table>
          )}
        </>
      ),
    };
  },
};
