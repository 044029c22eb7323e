/**
 * The rules for new passwords, after NIST SP 800-63B-4 §3.1.1.2 and ASVS 6.2: a password must be long enough and not
 * among the first passwords that an attacker tries. A password needs no particular kinds of characters and never
 * expires, because such rules do harm.
 */
import { COMMON_WORDS, KEYBOARD_ROWS } from './common-passwords.ts';
import { isDistinct, normalizePassword } from './password.ts';

/** The conditions for which a new password is checked. */
export interface PasswordPolicy {
  /**
   * The minimum length in code points. Default 15, which NIST requires if a password alone is enough to sign in. A
   * length of 8 is allowed if every sign-in also needs another proof.
   */
  shortest?: number;
  /**
   * Words that an attacker who knows the account would try: the e-mail address, and the names of user, tenant and
   * service.
   */
  context?: readonly string[];
}

const LONGEST = 128;
/** A password is guessable if fewer characters than this are left after its guessable parts are removed. */
const FEW_CHARACTERS = 4;
const FEW_WORDS = 2;
const SHORTEST_WORD = 4;
const SHORTEST_RUN = 3;

/**
 * Returns the problem with a new password, or `null`. The problem continues a sentence that begins with the password,
 * such as `must have at least 15 characters`, and does not quote the password. The check takes about a millisecond: the
 * text has at most 128 characters (2,304 after NFKC), and is searched once for each word.
 */
export function passwordProblem(password: string, { shortest = 15, context = [] }: PasswordPolicy = {}): string | null {
  const normalized = normalizePassword(password);
  const raw = [...password].length;
  // NFKC turns some single characters into 18 characters, and some groups into one. So the text must have the required
  // length both before and after NFKC.
  if (Math.min(raw, [...normalized].length) < shortest) return `must have at least ${shortest} characters`;
  if (raw > LONGEST) return `must have at most ${LONGEST} characters`;
  if (!isDistinct(password)) return 'must not contain a NUL character or half of a surrogate pair';
  if (isGuessable(normalized, context)) return 'must not be among the first passwords that an attacker would try';
  return null;
}

/**
 * Returns whether a password is guessable: fewer than four characters are left after its guessable parts are removed.
 * Guessable parts are years, runs of the keyboard, of the alphabet or of one character, and common words. At most two
 * different common words are removed; a common word is removed everywhere in the password. A password with three common
 * words may be a passphrase, and is not guessable.
 */
function isGuessable(password: string, context: readonly string[]): boolean {
  const words = [...contextWords(context), ...COMMON_WORDS];
  const lower = password.toLowerCase();
  return [lower, unleet(lower)].some((text) => {
    const { left, taken } = takeWords(takeRepetition(text), words);
    return taken <= FEW_WORDS && takeRuns(left).length < FEW_CHARACTERS;
  });
}

/**
 * Returns the words of the context. For example, `Jane.Doe@acme.example` gives the address itself, `jane`, `acme` and
 * `example`.
 */
function contextWords(context: readonly string[]): string[] {
  return context
    .map((text) => normalizePassword(text).toLowerCase())
    .flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)])
    .filter((word) => word.length >= SHORTEST_WORD)
    .sort((a, b) => b.length - a.length);
}

function unleet(text: string): string {
  const letters: Record<string, string> = {
    '0': 'o',
    '1': 'i',
    '3': 'e',
    '4': 'a',
    '5': 's',
    '7': 't',
    '@': 'a',
    $: 's',
    '!': 'i',
  };
  return text.replace(/[013457@$!]/g, (sign) => letters[sign] ?? sign);
}

/** Returns the shortest part whose repetition gives the whole text, in linear time (Knuth, Morris and Pratt). */
function takeRepetition(text: string): string {
  // The prefix function: for each position, the length of the longest beginning of the text that also ends at this
  // position.
  const again = new Uint16Array(text.length);
  for (let at = 1, length = 0; at < text.length; at += 1) {
    while (length > 0 && text[at] !== text[length]) length = again[length - 1] ?? 0;
    if (text[at] === text[length]) length += 1;
    again[at] = length;
  }
  const period = text.length - (again.at(-1) ?? 0);
  return text.length % period === 0 ? text.slice(0, period) : text;
}

function takeWords(text: string, words: readonly string[]): { left: string; taken: number } {
  let left = text;
  let taken = 0;
  for (const word of words) {
    if (!left.includes(word)) continue;
    left = left.replaceAll(word, '');
    taken += 1;
  }
  return { left, taken };
}

/**
 * Removes years, runs of keyboard rows, of the alphabet and of digits (forwards and backwards), and runs of one
 * character.
 */
function takeRuns(word: string): string {
  const text = word.replace(/(?:19|20)\d\d/g, '');
  let left = '';
  for (let start = 0; start < text.length; ) {
    const length = Math.max(repeatedAt(text, start), ...KEYBOARD_ROWS.map((row) => stretchAt(text, start, row)));
    if (length < SHORTEST_RUN) left += text[start];
    start += length < SHORTEST_RUN ? 1 : length;
  }
  return left;
}

/** Returns the length of the run of one and the same character that begins at `start`. */
function repeatedAt(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text[end] === text[start]) end += 1;
  return end - start;
}

/** Returns the length of the longest run of characters at `start` that also occurs in the row. */
function stretchAt(text: string, start: number, row: string): number {
  let longest = 0;
  for (let from = row.indexOf(text.charAt(start)); from !== -1; from = row.indexOf(text.charAt(start), from + 1)) {
    let length = 1;
    while (from + length < row.length && text[start + length] === row[from + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
}
