/**
 * Texts of any code points, lone surrogates included. `fc.string({ unit: 'binary' })` draws the same, but first looks
 * at all of Unicode, which takes seconds on a busy machine.
 */
import fc from 'fast-check';

export function anyText(options: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.array(fc.nat(0x10ffff), options).map((points) => String.fromCodePoint(...points));
}
