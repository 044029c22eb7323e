/**
 * Texts of any code points, lone surrogates included. `fc.string({ unit: 'binary' })` draws the same, but first looks
 * at all of Unicode, which takes seconds on a busy machine.
 */
import fc from 'fast-check';

/** One code point. Also a `stringUnit` for values that hold texts. */
export const anyCharacter = fc.nat(0x10ffff).map((point) => String.fromCodePoint(point));

export function anyText(options: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.array(anyCharacter, options).map((characters) => characters.join(''));
}
