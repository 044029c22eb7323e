/**
 * Mailed one-time codes: 8 digits, valid once, for ten minutes at most, and only in the browser that requested the
 * code. This browser holds a secret, the challenge; without the challenge, no guess is possible. Redis stores no code,
 * no challenge and no address, only keyed hashes.
 *
 * Two budgets limit guessing: 5 guesses for each code, and 20 wrong guesses in 24 hours for each address, over all
 * askers and tenants. So an attacker finds a code with a probability of at most 2 in 10 million a day. An address that
 * has used up its guesses or mails of the day still gets an answer: a link instead of a code. The 128 random bits of a
 * link need no budget. A link is mailed at most every half hour, and is valid for an hour in every browser that has
 * requested a code for the address. So strangers can neither lock the address's owner out nor fill the mailbox.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { key, NO_TENANT, type RedisClient, type RedisKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import { type Challenge, formatChallenge, ownerOf, parseChallenge } from './challenge.ts';
import { issueScript, openLinkScript, useLinkScript, verifyScript } from './one-time-code-scripts.ts';

/** A keyed hash whose key is not in Redis. */
export interface CodeHmac {
  /** Returns the HMAC-SHA-256 of a text under the key `keyId` or the current key; `null` for an unknown id. */
  compute(text: string, keyId?: string): { keyId: string; mac: string } | null;
}

/** The services of one-time codes. */
export interface CodeServices {
  redis: RedisClient;
  system: Pick<System, 'token' | 'digits' | 'redisAhead'>;
  hmac: CodeHmac;
}

/** Limits. “A day” is any 24 hours. */
export interface CodeOptions {
  /** How long a code is valid. Default and maximum: 10 min (ASVS 6.5.5). */
  life?: Duration;
  /** The number of guesses that one code allows. Default 5. */
  guesses?: number;
  /** The number of wrong guesses a day that an address allows, at all its codes together. Default 20. */
  guessesPerDay?: number;
  /** The number of short codes a day for one address, of all askers together. Default 20. */
  codesPerDay?: number;
  /** The number of short codes a day that one asker may request for one address. Default 10. */
  codesPerAsker?: number;
  /** How long a link is valid. Default 1 h. */
  linkLife?: Duration;
  /**
   * The shortest time between two links for an address; the use of a link ends this wait. Default 30 min; at least 10
   * min less than `linkLife`.
   */
  linkEvery?: Duration;
}

/** A request for a code. */
export interface CodeRequest {
  /** The code's only purpose, such as `sign-in`. */
  purpose: string;
  /** The e-mail address to prove, in lower case. Each address has its own budgets of the day. */
  identifier: string;
  /**
   * The other data to which the code is tied, such as the tenant that the user named. A successful guess returns this
   * text. No budget depends on this text.
   */
  context?: string | null;
  /** The caller who requests the code, such as `callerOf(address)` of the limits. */
  asker: string;
  /** The browser's previous challenge, if the browser requests a code again. The previous code ends. */
  replaces?: string | undefined;
}

/** The answer to a {@link CodeRequest}. Put `challenge` into a cookie, and `code` or `link` into a mail only. */
export type IssuedCode =
  | { kind: 'code'; challenge: string; code: string; lifeMs: number }
  /** The day's budget is used up. Make the link valid with {@link OneTimeCodes.openLink}, then mail the link. */
  | { kind: 'link'; challenge: string; link: string; lifeMs: number };

/** A guess at a code or link. */
export interface CodeGuess {
  purpose: string;
  /** The challenge in the browser's cookie. */
  challenge: string;
  /** A short code as the user typed it (blanks and hyphens are ignored), or the secret of a link. */
  code: string;
}

/** The result of a guess. */
export type VerifiedCode =
  | { kind: 'ok'; identifier: string; context: string | null }
  /** The code is wrong. With 0 guesses left, the user must request another code. */
  | { kind: 'wrong'; left: number }
  /** The address has no guess left today, so the guess was not checked. The next request gets a link. */
  | { kind: 'spent' }
  /** The code or link was used, replaced, guessed at too often or never issued, or has expired. */
  | { kind: 'dead' };

/** The secret of a link that was mailed. */
export interface MailedLink {
  purpose: string;
  identifier: string;
  link: string;
}

/** Issues and verifies one-time codes. */
export interface OneTimeCodes {
  /**
   * Issues a code or a link. Call `issue` also if the address has no account, and then send no mail. The answer, the
   * work in Redis and the budget are the same in both cases. So neither the answer nor its timing shows who has an
   * account (ASVS 6.3.8).
   *
   * Codes of other browsers stay valid. No request is refused: beyond a budget the answer is a link. 1 request, 1
   * command.
   * @throws {RedisError} if Redis did not answer or refused; then mail no code.
   */
  issue(request: CodeRequest): Promise<IssuedCode>;
  /**
   * Makes a link valid, just before the link is mailed. `recent`: mail nothing, because the address got a link less
   * than half an hour ago, and the link is still valid. A repeated call for an open link gets `open` again. 1
   * request, 1 command.
   * @throws {RedisError} if Redis did not answer or refused; then mail no link.
   */
  openLink(mailed: MailedLink): Promise<{ kind: 'open'; lifeMs: number } | { kind: 'recent' }>;
  /**
   * Checks one guess. A guess at a short code is counted in the budgets before the comparison; a link has no budget.
   * Success ends the code or link. If the answer is lost, the guess may have been counted and the code may have ended.
   * 1 request, 1 command; none for a text that does not have the form of a challenge.
   * @throws {RedisError} if Redis did not answer or refused; then do not sign the caller in.
   */
  verify(guess: CodeGuess): Promise<VerifiedCode>;
}

const DIGITS = 8;
/** The form of a link's secret: 128 bits in base64url, from {@link System.token}. */
const LINK = /^[\w-]{22}$/;
const LONGEST_LIFE_MS = 600_000;

/**
 * Creates the one-time codes of a scope. The route must limit requests by IP address.
 * @throws {TypeError} if `life` is more than 10 min, or if `linkLife` is not at least 10 min longer than `linkEvery`.
 */
export function createOneTimeCodes({ redis, system, hmac }: CodeServices, options: CodeOptions = {}): OneTimeCodes {
  const { guesses = 5, guessesPerDay = 20, codesPerDay = 20, codesPerAsker = 10 } = options;
  const lifeMs = milliseconds(options.life ?? LONGEST_LIFE_MS);
  const linkLifeMs = milliseconds(options.linkLife ?? '1h');
  const linkEveryMs = milliseconds(options.linkEvery ?? '30m');
  if (lifeMs > LONGEST_LIFE_MS || lifeMs < 1) throw new TypeError('A one-time code lives for at most ten minutes');
  // A user who requests a code while no new link may be sent must use the earlier link. So that link stays valid for at
  // least 10 min more.
  if (linkLifeMs < linkEveryMs + LONGEST_LIFE_MS)
    throw new TypeError('A link must outlive the next one’s time by 10 min');
  const behind = () => system.redisAhead?.() ?? 0;

  /** Returns the MAC of the parts under a key; `undefined` if no key has this id. */
  const macOf = (keyId: string, parts: readonly string[]) => hmac.compute(lengthPrefixed(parts), keyId)?.mac;

  /** Derives the Redis keys of a challenge. A wrong purpose or address gives keys that do not exist. */
  function keysOf(purpose: string, challenge: Challenge): { challenge: RedisKey; day: RedisKey } | null {
    const { keyId, secret } = challenge;
    const which = macOf(keyId, ['code-challenge', purpose, ownerOf(challenge), secret]);
    const day = dayOf(keyId, challenge.identifier);
    return which === undefined || day === null ? null : { challenge: key(NO_TENANT, 'challenge', which), day };
  }

  function dayOf(keyId: string, identifier: string): RedisKey | null {
    const address = macOf(keyId, ['code-day', identifier]);
    return address === undefined ? null : key(NO_TENANT, 'codeDay', address);
  }

  /** Derives the Redis key of a link from its secret, so that only a caller with the secret can find the link. */
  function linkKey(keyId: string, { purpose, identifier, link }: MailedLink): RedisKey {
    return key(NO_TENANT, 'challenge', macOf(keyId, ['code-link', purpose, identifier, link]) ?? '');
  }

  function codeMac(purpose: string, challenge: Challenge, code: string): string {
    const { keyId, secret } = challenge;
    return macOf(keyId, ['code', purpose, ownerOf(challenge), secret, code]) ?? '';
  }

  function currentKeyId(): string {
    // Only the id of the current key is needed, not the hash.
    const keyId = hmac.compute('')?.keyId;
    if (keyId === undefined) throw new TypeError('There is no key to make one-time codes with');
    return keyId;
  }

  return {
    async issue({ purpose, identifier, context = null, asker, replaces }) {
      const challenge: Challenge = { keyId: currentKeyId(), identifier, context, secret: system.token() };
      const code = system.digits(DIGITS);
      const link = system.token();
      const keys = keysOf(purpose, challenge);
      if (keys === null) throw new TypeError('There is no key to make one-time codes with');
      const earlier = parseChallenge(replaces ?? '');
      const ended = earlier && keysOf(purpose, earlier)?.challenge;
      const who = macOf(challenge.keyId, ['code-asker', identifier, asker])?.slice(0, 16) ?? '';
      const [answer] = await issueScript.call(
        redis,
        [keys.challenge, keys.day, ...(ended ? [ended] : [])],
        [behind(), codeMac(purpose, challenge, code), guesses, lifeMs, guessesPerDay, codesPerDay, codesPerAsker, who],
      );
      const text = formatChallenge(challenge);
      if (answer === 'link') return { kind: 'link', challenge: text, link, lifeMs: linkLifeMs };
      return { kind: 'code', challenge: text, code, lifeMs };
    },

    async openLink(mailed) {
      const keyId = currentKeyId();
      const day = dayOf(keyId, mailed.identifier);
      if (day === null) throw new TypeError('There is no key to make one-time codes with');
      const [answer] = await openLinkScript.call(
        redis,
        [linkKey(keyId, mailed), day],
        [behind(), linkLifeMs, linkEveryMs],
      );
      return answer === 'recent' ? { kind: 'recent' } : { kind: 'open', lifeMs: linkLifeMs };
    },

    async verify({ purpose, challenge: text, code }) {
      const challenge = parseChallenge(text);
      const keys = challenge && keysOf(purpose, challenge);
      if (!challenge || !keys) return { kind: 'dead' };
      const { identifier, context } = challenge;
      const link = code.trim();
      if (LINK.test(link)) {
        const used = linkKey(challenge.keyId, { purpose, identifier, link });
        const [answer] = await useLinkScript.call(redis, [used, keys.day], []);
        return answer === 'ok' ? { kind: 'ok', identifier, context } : { kind: 'dead' };
      }
      const mac = codeMac(purpose, challenge, code.replace(/[\s-]/g, ''));
      const [answer, left] = await verifyScript.call(redis, [keys.challenge, keys.day], [behind(), mac, guessesPerDay]);
      if (answer === 'ok') return { kind: 'ok', identifier, context };
      return answer === 'wrong' ? { kind: 'wrong', left } : { kind: answer };
    },
  };
}

/** Joins the parts. The length of each part comes before the part, so that no two lists of parts give the same text. */
function lengthPrefixed(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}
