/** Money: the decimal places of currencies, and amounts in the places of their currency. */
import { invalidField } from '../http/index.ts';

/**
 * The currencies of ISO 4217 whose minor unit is not a hundredth, by its decimal places. `Intl` cannot be asked: its
 * data (CLDR) has the places of prices in shops, such as none for the Iraqi dinar.
 */
const PLACES: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};
const BY_CURRENCY = new Map(
  Object.entries(PLACES).flatMap(([places, codes]) => codes.split(' ').map((code) => [code, Number(places)] as const)),
);

/** Returns the decimal places of a currency: 2, or its exception. `currency` is an ISO 4217 code. */
export function placesOf(currency: string): number {
  return BY_CURRENCY.get(currency) ?? 2;
}

/**
 * Checks that an amount in a request has no more decimal places than its currency.
 * @returns the places of the currency.
 * @throws {ProblemError} 400 that names the field.
 */
export function requirePlaces(amount: string, currency: string, field: string): number {
  const places = placesOf(currency);
  if ((amount.split('.')[1] ?? '').length <= places) return places;
  const most = places === 0 ? 'no decimal places' : `at most ${places} decimal places`;
  throw invalidField(field, `must have ${most}, because amounts are in ${currency}`);
}

/** A decimal of Prisma, or {@link amountOf} an exact text. */
export interface Amount {
  toFixed(places: number): string;
}

/** Returns the amount of a text such as `12.3450`, which is not negative. It is rounded half up, as Prisma's decimals. */
export function amountOf(text: string): Amount {
  const [whole = '0', decimals = ''] = text.split('.');
  return {
    toFixed(places) {
      const digits = BigInt(whole + decimals.padEnd(places, '0'));
      const unit = 10n ** BigInt(Math.max(0, decimals.length - places));
      return withPoint((digits + unit / 2n) / unit, places);
    },
  };
}

/** Adds amounts, and writes the sum with its places. The sum is exact, and needs no decimal library. */
export function sumOf(amounts: readonly (Amount | null)[], places: number): string {
  const units = amounts.reduce((sum, amount) => sum + BigInt(amount?.toFixed(places).replace('.', '') ?? 0), 0n);
  return withPoint(units, places);
}

function withPoint(units: bigint, places: number): string {
  const digits = units.toString().padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
