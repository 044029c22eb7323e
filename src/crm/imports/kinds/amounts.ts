/** The value of a deal in the places of the tenant's currency. */
import type { TenantSettings } from '../../tenant/settings.ts';
import type { DealValues } from '../read/plan.ts';
import type { Refusal } from './kind.ts';
import type { DealRecord } from './records.ts';

/** The value that a row gives a deal. */
interface SaidAmount {
  said: Partial<Pick<DealRecord, 'value' | 'valuePlaces'>>;
  refused: Refusal[];
}

/**
 * Returns the value that a row gives a deal. A deal keeps the text of a value that is equal: the currency may have had
 * another number of decimal places when the text was written. An amount in another currency is left out, because
 * amounts have no rates.
 */
export function amountOf(
  { value, currency }: Pick<DealValues, 'value' | 'currency'>,
  deal: Pick<DealRecord, 'value'>,
  settings: Pick<TenantSettings, 'currency' | 'places'>,
): SaidAmount {
  if (value === undefined) return { said: {}, refused: [] };
  const refuse = (message: string) => ({ said: {}, refused: [{ field: 'value', message }] });
  const { places } = settings;
  if (currency !== undefined && currency !== settings.currency) {
    return refuse(`is in ${currency}, but amounts are in ${settings.currency}`);
  }
  const plain = withoutZeros(value);
  if (plain === withoutZeros(deal.value)) return { said: {}, refused: [] };
  const [whole = '', digits = ''] = plain.split('.');
  if (digits.length > places) {
    const most = places === 0 ? 'no decimal places' : `at most ${places} decimal places`;
    return refuse(`must have ${most}, because amounts are in ${settings.currency}`);
  }
  const text = places === 0 ? whole : `${whole}.${digits.padEnd(places, '0')}`;
  return { said: { value: text, valuePlaces: places }, refused: [] };
}

/** Returns an amount without the zeros at the end of its decimal places. */
function withoutZeros(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}
