/**
 * Sealed columns: PostgreSQL has only ciphertext of each text about a patient. A text is bound to its tenant, column
 * and row, so it cannot be opened after it was copied to another row. Digests of words make sealed rows findable.
 */
import { ProblemError } from '../../platform/http/index.ts';
import type { Sealer } from '../../platform/redis/index.ts';
import { fold } from '../../platform/text/index.ts';

/** The columns with sealed texts: `<table>.<column>`. */
export type SealedColumn =
  | 'patients.sealed_number'
  | 'patients.sealed_name'
  | 'patients.sealed_birth'
  | 'patients.sealed_contact'
  | 'medical_record_versions.sealed_body'
  | 'break_glass.sealed_reason'
  | 'patient_exports.sealed_file'
  | 'appointments.sealed_reason'
  | 'ledger_transactions.sealed_memo';

/** The services that seal: a write and the services of a tenant have them. */
export interface Sealing {
  readonly tenant: string;
  readonly sealer: Sealer | null;
}

/** Thrown if a sealed column cannot be opened: its key is not in SEAL_KEYS, or the text was altered. */
export class CareSealError extends Error {
  override readonly name = 'CareSealError';
  readonly code = 'SEALED_COLUMN_UNREADABLE';
}

/**
 * Seals the text of a column. `row` is the id of the row, and the version of a version.
 * @throws {ProblemError} 503 `SEAL_KEYS` without the setting SEAL_KEYS.
 */
export function sealColumn(services: Sealing, column: SealedColumn, row: string, text: string): Promise<string> {
  return requireSealer(services).seal(text, contextOf(services, column, row));
}

/**
 * Opens the text of a column.
 * @throws {CareSealError} if it cannot be opened.
 * @throws {ProblemError} 503 `SEAL_KEYS` without the setting SEAL_KEYS.
 */
export async function openColumn(
  services: Sealing,
  column: SealedColumn,
  row: string,
  sealed: string,
): Promise<string> {
  const text = await requireSealer(services).open(sealed, contextOf(services, column, row));
  if (text === null) throw new CareSealError(`${column} cannot be opened`);
  return text;
}

/** Returns the digests of a patient's number, one for each key, the current key first. */
export function numberDigests(services: Sealing, number: string): Promise<string[]> {
  return requireSealer(services).digests(number.trim().toUpperCase(), ['number', services.tenant]);
}

/** Returns the digests of a year of birth, one for each key, the current key first. */
export function birthYearDigests(services: Sealing, year: string): Promise<string[]> {
  return requireSealer(services).digests(year, ['birth-year', services.tenant]);
}

/** Returns the digests of each word of a name, one for each key, the current key first. */
export function nameDigests(services: Sealing, name: string): Promise<string[][]> {
  return Promise.all(
    wordsOf(name).map((word) => requireSealer(services).digests(word, ['name-token', services.tenant])),
  );
}

/** Returns the different words of a name, in any case and without accents: a desk types `Zoe` for `Zoë`. */
export function wordsOf(name: string): string[] {
  const plain = fold(name.normalize('NFD').replace(/\p{M}/gu, ''));
  return [...new Set(plain.split(/[^\p{L}\p{N}]+/u))].filter((word) => word !== '');
}

/**
 * Returns the sealer.
 * @throws {ProblemError} 503 `SEAL_KEYS` without the setting SEAL_KEYS.
 */
export function requireSealer({ sealer }: Pick<Sealing, 'sealer'>): Sealer {
  if (!sealer) throw new ProblemError(503, 'SEAL_KEYS', 'The care area needs SEAL_KEYS to be set');
  return sealer;
}

/** The context of a column. The demo data is sealed with the same context. */
function contextOf({ tenant }: Sealing, column: SealedColumn, row: string): string[] {
  return ['column', tenant, column, row];
}
