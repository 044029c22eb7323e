/**
 * The stored text of inputs, results, cursors, progress and step results: the codec's letter, then the codec's text.
 * A sensitive job seals this text, puts an `s` before the sealed text, and binds the seal to the place of the value.
 */
import { decode, type Encoding, encode, type Sealer } from '../redis/index.ts';
import { JobError } from './errors.ts';

/** The place of a payload. A sealed payload can be opened only with the same place. */
export interface Place {
  tenant: string;
  name: string;
  id: string;
  /** `input`, `result`, `cursor`, `progress`, or `step:<slice>:<name>`. */
  what: string;
}

/**
 * Converts a value to its stored text.
 * @param sealer `undefined` if the job is not sensitive; `null` if the job is sensitive and there are no SEAL_KEYS.
 * @throws {JobError} `JOB_SEAL_KEYS` if `sealer` is `null`.
 */
export async function pack(value: unknown, place: Place, sealer: Sealer | null | undefined): Promise<string> {
  const { encoding, text } = encode(value);
  if (sealer === undefined) return encoding + text;
  if (sealer === null)
    throw new JobError('JOB_SEAL_KEYS', `Job ${place.name} is sensitive, and there are no SEAL_KEYS`);
  return `s${await sealer.seal(encoding + text, contextOf(place))}`;
}

/**
 * Reads a text that {@link pack} returned. A sensitive job refuses a text that is not sealed, because only another
 * program can have stored such a text.
 * @throws {JobError} `JOB_SEAL_KEYS` if the text cannot be opened.
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
