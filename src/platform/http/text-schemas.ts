/**
 * Schemas of texts. Each schema turns the text into its stored form before it checks the text, so the API, imports, the
 * command line and forms store one form, and searches compare with the same form.
 */
import { z } from '@hono/zod-openapi';
import { normalAddress, normalDomain, normalLine, normalNote } from '../text/index.ts';

/**
 * U+FFFD stands for bytes that a program could not read. A name with it is damaged, and an import of an exported file
 * would refuse it, so the API, imports, the command line and forms all refuse it.
 */
const isUndamaged = (text: string) => !text.includes('\uFFFD');
const DAMAGED = 'must not contain U+FFFD: the text was damaged by a change of encoding';
const CONTROLS = 'must not contain control characters';
const LONE_SURROGATE = 'must not contain a lone surrogate, which is half of a character';

/**
 * A line of text, in NFC, with each run of blanks as one space and without invisible characters; see
 * {@link normalLine}. Control characters are refused: PostgreSQL cannot store NUL, and no name needs any other control
 * character.
 */
export function textSchema(longest: number) {
  return z
    .string()
    .overwrite(normalLine)
    .min(1)
    .max(longest)
    .refine((text) => !/\p{Cc}/u.test(text), CONTROLS)
    .refine((text) => !/\p{Cs}/u.test(text), LONE_SURROGATE)
    .refine(isUndamaged, DAMAGED);
}

/** A text of several lines, in NFC; see {@link normalNote}. Line ends and tabs are the only control characters. */
export function noteSchema(longest: number) {
  return z
    .string()
    .overwrite(normalNote)
    .min(1)
    .max(longest)
    .refine((text) => !/[^\P{Cc}\t\n]/u.test(text), CONTROLS)
    .refine((text) => !/\p{Cs}/u.test(text), LONE_SURROGATE)
    .refine(isUndamaged, DAMAGED);
}

/**
 * An e-mail address in its normal form; see {@link normalAddress}. International addresses and domains are accepted
 * (RFC 6531, RFC 5890). Two addresses that differ only in case, in the Unicode form or in the form of the domain
 * (`bücher.example`, `xn--bcher-kva.example`) are the same.
 */
export const emailSchema = z
  .string()
  .overwrite((text) => normalAddress(text) ?? text)
  .refine((text) => normalAddress(text) !== null, 'must be an e-mail address, such as ada@example.com')
  .openapi({ type: 'string', format: 'idn-email', example: 'owner@acme.example' });

/** The name of a domain in its normal form; see {@link normalDomain}. */
export const domainSchema = z
  .string()
  .overwrite((text) => normalDomain(text) ?? text)
  .refine((text) => normalDomain(text) !== null, 'must be a domain name, such as acme.example')
  .openapi({ type: 'string', format: 'idn-hostname', example: 'acme.example' });
