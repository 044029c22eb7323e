/**
 * E-mail addresses in one normal form: NFC and lower case, with the domain as people write it (`info@bücher.example`,
 * not `info@xn--bcher-kva.example`). Two spellings of one address are the same text in this form. Mail is sent to the
 * form for mail, because providers and name servers know only the ASCII form of a domain (RFC 5891).
 */
import { domainToASCII, domainToUnicode } from 'node:url';

/** The maximum length of an address in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets). */
const MOST_BYTES = 254;

/** The maximum length of a domain in its ASCII form (RFC 1035, section 2.3.4, without the root). */
const LONGEST_DOMAIN = 253;

/** A local part without quotes: the atoms of RFC 5322, and letters, marks and digits of every script (RFC 6531). */
const ATOM = /[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~\p{Join_C}-]+/u.source;
const LOCAL_PART = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');

/** A domain in ASCII: at least two labels of at most 63 characters, and a last label that begins with a letter. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** White space at the ends, and characters that no reader sees: copied addresses often have them. */
const AROUND = /[\p{Zs}\s\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]+/gu;

/**
 * Returns the address in its normal form; `null` if the text is not one address. Only the syntax is checked: whether
 * the address can receive mail is known after a mail.
 */
export function normalAddress(text: string): string | null {
  const address = trimmed(text);
  const at = address.lastIndexOf('@');
  const local = lower(address.slice(0, Math.max(at, 0)));
  const domain = asciiDomain(address.slice(at + 1));
  if (at < 0 || domain === null || !LOCAL_PART.test(local)) return null;
  // The limit counts the bytes of the form that is sent.
  if (new TextEncoder().encode(`${local}@${domain}`).length > MOST_BYTES) return null;
  return `${local}@${writtenDomain(domain)}`;
}

/** Returns the name of a domain as people write it, in NFC and lower case; `null` if the text is not one. */
export function normalDomain(text: string): string | null {
  const ascii = asciiDomain(trimmed(text));
  return ascii !== null && ascii.length <= LONGEST_DOMAIN ? writtenDomain(ascii) : null;
}

/**
 * Returns an address in the form that mail programs and providers understand: its domain in ASCII. A text that is no
 * address stays as it is.
 */
export function addressForMail(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = at < 0 ? null : asciiDomain(address.slice(at + 1));
  return domain === null ? address : `${address.slice(0, at)}@${domain}`;
}

/** Returns the beginning of an address, as a search has it, in the form of stored addresses. */
export function addressPrefix(typed: string): string {
  return normalAddress(typed) ?? lower(trimmed(typed));
}

/** Returns an ASCII domain as people write it, or as it is if the written form would not lead back to it. */
function writtenDomain(ascii: string): string {
  const written = domainToUnicode(ascii).normalize('NFC');
  return asciiDomain(written) === ascii ? written : ascii;
}

/** Returns the domain in lower case and in ASCII (Unicode Technical Standard 46); `null` if it is not a domain. */
function asciiDomain(domain: string): string | null {
  // `domainToASCII` also cuts ports and paths, and reads `%41` as `A`: none of these characters is a part of a domain.
  if (!/^[\p{L}\p{M}\p{N}.。．｡\p{Join_C}-]+$/u.test(domain)) return null;
  const ascii = domainToASCII(domain.normalize('NFC'));
  return DOMAIN.test(ascii) ? ascii : null;
}

function lower(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}

function trimmed(text: string): string {
  return text.replace(AROUND, (run, at: number) => (at === 0 || at + run.length === text.length ? '' : run));
}
