/**
 * Redacts texts before they are logged or stored. Credentials are recognized by their form and masked in every text. A
 * message of an error from other code may quote a user's input, so only the plain words of the message are kept;
 * docs/security.md has the rules.
 */

/** Matches the names of fields that contain a secret. */
export const SECRET_NAME =
  /authorization|cookie|password|passphrase|secret|token|credential|private[-_]?key|api[-_]?key|signature|session|code_?hash|otp/i;

/**
 * Matches credentials. `(?<![a-z])` is used instead of `\b`, so that a key directly after an underscore or a digit is
 * found too. A text may be long (a path of 16 KiB), so no pattern may read the same characters again and again, once
 * for each possible start.
 */
const CREDENTIAL = new RegExp(
  [
    // API keys. The readable part of a key, tenant and key id, is not masked.
    '(?<key>(?<![a-z])hf_[a-z0-9-]+_[a-z0-9]+)_[a-z0-9]+',
    // Authorization headers, and cookie headers to the end of their line.
    '(?<scheme>\\b(?:bearer|basic)\\b)[\\s:=]+\\S+',
    '(?<cookie>\\b(?:set-)?cookie:)[^\\r\\n]*',
    // JSON web tokens.
    'eyJ[\\w-]{1,512}\\.[\\w-]{1,4096}\\.[\\w-]*',
    // Session tokens, refresh tokens, challenges of one-time codes.
    '(?<![a-z])[rv]1\\.[\\w-]+(?:\\.[\\w-]+){3,}|(?<![a-z])c1(?:\\.[\\w-]+){3}',
    // Hashes of passwords.
    '\\$scrypt\\$\\S*',
    // QStash signing keys, keys of Resend, and the keys of AUTH_KEYS and SEAL_KEYS. The ids of the last two are not
    // masked.
    '(?<![a-z])sig_\\w+|(?<![a-z])re_[a-z0-9]{8,}_\\w+',
    '(?<keyId>(?<![\\w-])[\\w-]{1,32}:)[a-z0-9+/]{43}=',
    // The password of a connection string.
    '(?<user>\\b\\w+:\\/\\/[^\\s:/@]*:)[^\\s/@]+(?=@)',
  ].join('|'),
  'gi',
);

/** Masks credentials. The parts that identify a credential and are not secret stay readable. */
export function maskCredentials(text: string): string {
  return text.replace(CREDENTIAL, (...match) => {
    const { key, scheme, cookie, keyId, user } = match.at(-1) as Record<string, string | undefined>;
    return `${key ?? scheme ?? cookie ?? keyId ?? user ?? ''}[secret]`;
  });
}

/** The text in place of the parts that are left out of a message. */
export const LEFT_OUT = '[…]';
/** The maximum number of characters of a message that are read, and the maximum number that are written. */
const READ = 1_000;
const WRITTEN = 300;

/**
 * Matches a character with which a value may begin: a quote, bracket or equals sign, but not the apostrophe of `can't`.
 */
const OPENING = /["`“”„«([{<=]|(?<![A-Za-z])['‘’]|['‘’](?![A-Za-z])/;
const CLOSING = /["`“”»)\]}>]|(?<![A-Za-z])['‘’]|['‘’](?![A-Za-z])/g;

/**
 * Matches a word of small letters (two words if a hyphen joins them), or a number of up to three digits. Neither can be
 * a secret: a password has 15 characters or more, and random values have capital letters or digits.
 */
const WORD = /^(?:[a-z]{1,14}(?:-[a-z]{1,14})?|[a-z]{1,10}['’][a-z]{1,2}|\d{1,3})$/;
/** Matches a number of four digits or more, even if the digits are written in groups. */
const LONG_NUMBER = /\d(?:[\s.,/-]*\d){3,}/g;
/** Matches the first word of a sentence. Any other word with a capital letter may be a name. */
const FIRST_WORD = /^[A-Z][a-z]{0,13}(?:['’][a-z]{1,2})?$/;
const TERMS = new Set(
  (
    'I API DNS HTTP HTTPS ID JSON SQL SSL TCP TLS URL URI UTF WASM ' +
    'EAI_AGAIN ECONNABORTED ECONNREFUSED ECONNRESET EHOSTUNREACH ENOENT ENOTFOUND EPIPE ETIMEDOUT'
  ).split(' '),
);

/**
 * Returns the message of an error from other code, without the values that the message may quote. The function leaves
 * out:
 * - the text from the first to the last quotation mark, bracket or equals sign;
 * - each word that is not a small word of a sentence: names, addresses, tokens, URLs, numbers of more than three
 *   digits;
 * - the text after the name of a secret and a colon.
 */
export function redactMessage(message: string): string {
  const text = maskCredentials(message.slice(0, READ)).replace(LONG_NUMBER, '0000');
  return withoutValues(text).slice(0, WRITTEN);
}

function withoutValues(text: string, begins = true): string {
  const from = text.search(OPENING);
  if (from === -1) return plainWords(text, begins).text;
  const before = plainWords(text.slice(0, from), begins);
  const to = [...text.matchAll(CLOSING)].at(-1)?.index ?? -1;
  const after = to > from && !before.ended ? withoutValues(text.slice(to + 1), false) : '';
  return joined([...before.text.split(' '), LEFT_OUT, ...after.split(' ')]);
}

/** Keeps only plain words. `ended` is `true` if the rest of the message must not be read. */
function plainWords(text: string, begins: boolean): { text: string; ended: boolean } {
  const words: string[] = [];
  let begin = begins;
  for (const each of text.split(/\s+/)) {
    const [, word = '', end = ''] = /^(.*?)([.,:;!?…]*)$/.exec(each) ?? [];
    const isKept = word === '' || WORD.test(word) || TERMS.has(word) || (begin && FIRST_WORD.test(word));
    words.push(isKept ? each : LEFT_OUT + end);
    if (end.includes(':') && SECRET_NAME.test(word)) return { text: joined([...words, LEFT_OUT]), ended: true };
    if (each !== '') begin = /[.!?]$/.test(end);
  }
  return { text: joined(words), ended: false };
}

/** Joins the words to one line. A single mark replaces each run of parts that were left out. */
function joined(words: readonly string[]): string {
  return words
    .filter((word, at) => word !== '' && !(word.startsWith(LEFT_OUT) && words[at - 1] === LEFT_OUT))
    .join(' ')
    .replace(/ (?=[.,:;!?])/g, '');
}
