/** Limits by rule: how many requests passed, were refused, or were not counted. Only for operators. */
import { type CounterReading, readCounters } from '../../platform/counters/index.ts';
import { Table } from '../../platform/pages/index.ts';
import { operatorsOnly } from '../../platform/rest/index.ts';
import { amount } from '../parts/show.tsx';
import { Spans, spanInWords, spanOf } from '../parts/window.tsx';
import type { Screen } from '../screen.ts';

/** A rule that refuses a greater share of its requests than this gets a mark. */
const MUCH_REFUSED = 0.05;

export const screen: Screen = {
  title: 'Limits',
  open: () => async (visit) => {
    operatorsOnly(visit);
    const window = spanOf(visit.c);
    const reading = await readCounters(visit.scope, { group: 'limits', window });
    const rules = [...new Set(reading.labels('limits.requests').map(({ rule }) => rule))];
    const rows = rules.map((rule) => countsOf(reading, rule)).sort((one, two) => two.refused - one.refused);
    return (
      <>
        <Spans path="/console/limits" chosen={window} />
        <p class="soft">Requests of all tenants in {spanInWords(window)}, the most refused first.</p>
        {rows.length === 0 ? (
          <p class="empty">No request was counted.</p>
        ) : (
          <Table caption="Rules" columns={['Rule', 'Passed', 'Refused', 'Share refused', 'Bypassed', 'Not counted']}>
            {rows.map(({ rule, passed, refused, bypassed, uncounted }) => {
              const share = refused / Math.max(1, passed + refused);
              return (
                <tr>
                  <th scope="row">{rule}</th>
                  <td class="number">{amount(passed)}</td>
                  <td class="number">{amount(refused)}</td>
                  <td class="number">
                    {(100 * share).toFixed(1)} % {share > MUCH_REFUSED && <span class="badge warn">much</span>}
                  </td>
                  <td class="number">{amount(bypassed)}</td>
                  <td class="number">{amount(uncounted)}</td>
                </tr>
              );
            })}
          </Table>
        )}
      </>
    );
  },
};

function countsOf(reading: CounterReading, rule: string) {
  const count = (outcome: 'allowed' | 'limited' | 'unavailable' | 'bypassed') =>
    reading.sum('limits.requests', { rule, outcome });
  return {
    rule,
    passed: count('allowed'),
    refused: count('limited'),
    bypassed: count('bypassed'),
    uncounted: count('unavailable'),
  };
}
