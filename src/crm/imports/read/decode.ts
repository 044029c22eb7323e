/**
 * From bytes to text. A byte order mark decides, then the charset that the caller declares; without both the file is
 * UTF-8, or UTF-16 if every second byte is zero. Other encodings are never guessed, because a wrong guess damages names.
 */
import { CsvError } from '../../../platform/rest/index.ts';

/** The characters of windows-1252 from 0x80 to 0x9F. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** The number of bytes that show an encoding without a byte order mark. */
const SHOWING = 1024;

/**
 * Returns the encoding of a file as a label for `TextDecoder`.
 * @throws {CsvError} `CSV_CHARSET_UNKNOWN` for a charset that no decoder knows.
 */
export function encodingOf(head: Uint8Array, charset?: string): string {
  const [first, second, third] = head;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (charset !== undefined && charset !== '') return labelOf(charset);
  const zeros = [0, 0];
  const shown = head.subarray(0, SHOWING);
  for (const [index, byte] of shown.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > shown.length / 4 && even === 0) return 'utf-16le';
  if (even > shown.length / 4 && odd === 0) return 'utf-16be';
  return 'utf-8';
}

function labelOf(charset: string): string {
  try {
    const label = new TextDecoder(charset).encoding;
    // A charset such as UTF-16 without byte order: Windows writes the low byte first, as does the Encoding standard.
    return label;
  } catch {
    throw new CsvError(`The charset “${charset.slice(0, 40)}” is not known`, 'CSV_CHARSET_UNKNOWN');
  }
}

/**
 * Decodes the beginning of a file, which may end within a character.
 * @throws {CsvError} `CSV_UNREADABLE` if the bytes are not of this encoding.
 */
export function decodeHead(bytes: Uint8Array, encoding: string): string {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return withPlainLines(text, encoding);
  } catch {
    const name = encoding === 'utf-8' ? 'UTF-8' : encoding;
    throw new CsvError(
      `The file is not ${name}: save it as “CSV UTF-8”, or name its charset, as in “text/csv; charset=windows-1252”`,
    );
  }
}

/** Decodes whole lines. A byte that is not of this encoding becomes U+FFFD, so that its row is refused. */
export function decodeLines(bytes: Uint8Array, encoding: string): string {
  return withPlainLines(new TextDecoder(encoding).decode(bytes), encoding);
}

function withPlainLines(text: string, encoding: string): string {
  // Node up to version 22 decodes windows-1252 as ISO 8859-1, https://github.com/nodejs/node/issues/56542.
  const right =
    encoding === 'windows-1252'
      ? text.replace(/[\x80-\x9f]/g, (wrong) => WINDOWS_1252[wrong.charCodeAt(0) - 0x80] ?? wrong)
      : text;
  return right.replace(/\r\n?/g, '\n');
}

/** Returns the index behind the last line end of the bytes; 0 without a line end. */
export function endOfLines(bytes: Uint8Array, encoding: string): number {
  const [width, low] = encoding === 'utf-16le' ? [2, 0] : encoding === 'utf-16be' ? [2, 1] : [1, 0];
  const isAt = (index: number, code: number) =>
    bytes[index + low] === code && (width === 1 || bytes[index + 1 - low] === 0);
  const last = bytes.length - (bytes.length % width) - width;
  for (let index = last; index >= 0; index -= width) if (isAt(index, 0x0a)) return index + width;
  // Old files of the Macintosh end their lines with a carriage return. A carriage return at the very end may be the
  // first half of a Windows line end.
  for (let index = last - width; index >= 0; index -= width) if (isAt(index, 0x0d)) return index + width;
  return 0;
}
