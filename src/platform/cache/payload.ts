/**
 * The part of an entry after its header: the value's text, and a few letters that say how it was written. The first
 * letter is the format (`j` JSON, `d` devalue); then comes `z` if the text was compressed, then `s` if it was sealed.
 */
import { compress, decode, decompress, type Encoding, encode, type Sealer } from '../redis/index.ts';

/** A written value. */
export interface Payload {
  encoding: string;
  text: string;
}

/** How values of a query are written. */
export interface Packing {
  /** Texts of at least this many bytes are compressed, if that saves a tenth. */
  compressFrom: number | null;
  /** Seals the value for the context it belongs to; see `redis/seal.ts`. */
  seal: { sealer: Sealer; context: readonly string[] } | null;
}

/** Whether letters are ones this version can read. */
export function isEncoding(letters: string): boolean {
  return /^[jd]z?s?$/.test(letters);
}

/** Writes a value. */
export async function pack(value: unknown, { compressFrom, seal }: Packing): Promise<Payload> {
  const encoded = encode(value);
  let { text } = encoded;
  let encoding: string = encoded.encoding;
  if (compressFrom !== null && text.length >= compressFrom) {
    const smaller = await compress(text);
    if (smaller.length <= text.length * 0.9) {
      text = smaller;
      encoding += 'z';
    }
  }
  if (seal) {
    text = await seal.sealer.seal(text, seal.context);
    encoding += 's';
  }
  return { encoding, text };
}

/**
 * Reads a value. `null` if it was sealed and cannot be opened: that is a miss.
 * @throws {Error} if the text is not what {@link pack} wrote.
 */
export async function unpack(payload: Payload, seal: Packing['seal']): Promise<{ value: unknown } | null> {
  const text = await plainText(payload, seal);
  return text === null ? null : { value: decode({ encoding: payload.encoding.charAt(0) as Encoding, text }) };
}

/** The text as JSON or devalue wrote it, opened and decompressed; `null` as for {@link unpack}. */
export async function plainText({ encoding, text }: Payload, seal: Packing['seal']): Promise<string | null> {
  let plain: string | null = text;
  // A sealed query never accepts an unsealed text: another writer must have put it there.
  if ((seal !== null) !== encoding.endsWith('s')) return null;
  if (seal) plain = await seal.sealer.open(text, seal.context);
  return plain !== null && encoding.includes('z') ? decompress(plain) : plain;
}
