/**
 * The payload of an entry: the value's text, and letters that name its encoding. The first letter is the format (`j`
 * JSON, `d` devalue). The letter `z` follows if the text is compressed, and then `s` if the text is sealed.
 */
import { compress, decode, decompress, type Encoding, encode, type Sealer } from '../redis/index.ts';

/** An encoded value. */
export interface Payload {
  encoding: string;
  text: string;
}

/** The way in which values of a query are encoded. */
export interface Packing {
  /** Texts of at least this length (in UTF-16 code units) are compressed, if compression saves a tenth. */
  compressFrom: number | null;
  /** The sealer, and the context to which the sealed value is bound; see `redis/seal.ts`. */
  seal: { sealer: Sealer; context: readonly string[] } | null;
}

/** Returns whether this release can read an encoding with these letters. */
export function isEncoding(letters: string): boolean {
  return /^[jd]z?s?$/.test(letters);
}

/** Encodes a value; then compresses and seals the text, if the query asks for this. */
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
 * Decodes a value. Returns `null`, which is a miss, for a sealed text that cannot be opened.
 * @throws {Error} if the text was not written by {@link pack}.
 */
export async function unpack(payload: Payload, seal: Packing['seal']): Promise<{ value: unknown } | null> {
  const text = await plainText(payload, seal);
  return text === null ? null : { value: decode({ encoding: payload.encoding.charAt(0) as Encoding, text }) };
}

/** Opens and decompresses a text. Returns the JSON or devalue text; `null` as {@link unpack} does. */
export async function plainText({ encoding, text }: Payload, seal: Packing['seal']): Promise<string | null> {
  let plain: string | null = text;
  // A sealed query never accepts an unsealed text: another writer must have put it there.
  if ((seal !== null) !== encoding.endsWith('s')) return null;
  if (seal) plain = await seal.sealer.open(text, seal.context);
  return plain !== null && encoding.includes('z') ? decompress(plain) : plain;
}
