/**
 * How inputs, results, cursors and step results are written: the codec's letter and its text; for sensitive jobs the
 * whole of that sealed, with an `s` before it and bound to the place it was written for.
 */
import { decode, type Encoding, encode, type Sealer } from '../redis/index.ts';
import { JobError } from './errors.ts';

/** The place of a payload, which it is sealed for. */
export interface Place {
  tenant: string;
  name: string;
  id: string;
  /** `input`, `result`, `cursor`, or a step's name behind `step:`. */
  what: string;
}

/**
 * Writes a value.
 * @param sealer `undefined` if the job is not sensitive, `null` if it is and nothing can be sealed.
 * @throws {JobError} `JOB_SEAL_KEYS`.
 */
export async function pack(value: unknown, place: Place, sealer: Sealer | null | undefined): Promise<string> {
  const { encoding, text } = encode(value);
  if (sealer === undefined) return encoding + text;
  if (sealer === null)
    throw new JobError('JOB_SEAL_KEYS', `Job ${place.name} is sensitive, and there are no SEAL_KEYS`);
  return `s${await sealer.seal(encoding + text, contextOf(place))}`;
}

/**
 * Reads what {@link pack} wrote. A sensitive job accepts no unsealed text: another writer must have put it there.
 * @throws {JobError} `JOB_SEAL_KEYS` if it cannot be opened.
 */
export async function unpack(written: string, place: Place, sealer: Sealer | null | undefined): Promise<unknown> {
  let text: string | null = written;
  if (sealer !== undefined || written.startsWith('s')) {
    text = (written.startsWith('s') && (await sealer?.open(written.slice(1), contextOf(place)))) || null;
  }
  if (text === null) throw new JobError('JOB_SEAL_KEYS', `The ${place.what} of job ${place.name} cannot be opened`);
  return decode({ encoding: text.charAt(0) as Encoding, text: text.slice(1) });
}

function contextOf({ tenant, name, id, what }: Place): string[] {
  return ['job', tenant, name, id, what];
}
