/**
 * One-time codes that are mailed: 8 digits, good once, for ten minutes at most, and only in the browser that asked.
 * That browser holds a secret, the challenge, without which no guess can even be made. Redis holds neither code nor
 * challenge nor address, only keyed hashes.
 *
 * Two budgets bound guessing: 5 guesses at a code, and 20 wrong ones in 24 hours at an address, over all askers and
 * tenants (2 in 10 million). When an address has used up its guesses or mails of the day, no request is refused: from then
 * on it gets links, whose 128 random bits need no budget. Links are mailed at most every half hour and are good for an
 * hour, in every browser that has asked for that address: so strangers can neither lock the reader out nor fill the
 * mailbox.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { key, NO_TENANT, type RedisClient, type RedisKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import { type Challenge, formatChallenge, ownerOf, parseChallenge } from './challenge.ts';
import { issueScript, openLinkScript, useLinkScript, verifyScript } from './one-time-code-scripts.ts';

/** A keyed hash whose key is not in Redis. */
export interface CodeHmac {
  /** HMAC-SHA-256 of a text under the key of that id, or the current one; `null` for an unknown id. */
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
  /** How long a code is good. Default and at most 10 min (ASVS 6.5.5). */
  life?: Duration;
  /** Guesses at one code. Default 5. */
  guesses?: number;
  /** Wrong guesses a day at all codes of one address. Default 20. */
  guessesPerDay?: number;
  /** Short codes a day for one address, over all askers. Default 20. */
  codesPerDay?: number;
  /** Short codes a day for one address that one asker may cause. Default 10. */
  codesPerAsker?: number;
  /** How long a link is good. Default 1 h. */
  linkLife?: Duration;
  /** How long an address gets no new link after one that was not used. Default 30 min, less than the life of a link. */
  linkEvery?: Duration;
}

/** A request for a code. */
export interface CodeRequest {
  /** The code's only purpose, such as `sign-in`. */
  purpose: string;
  /** The e-mail address that must be proven, in one form (lower case). The budgets of the day belong to it alone. */
  identifier: string;
  /** Further claims of the browser, such as a tenant. Returned on success; no budget depends on them. */
  context?: string | null;
  /** The caller who asks, such as `callerOf(address)` of the limits. */
  asker: string;
  /** The challenge the same browser holds, if it asks again: its code ends. */
  replaces?: string | undefined;
}

/** The answer to a {@link CodeRequest}. `challenge` goes into a cookie of the browser, the secret into a mail only. */
export type IssuedCode =
  | { kind: 'code'; challenge: string; code: string; lifeMs: number }
  /** The day's budget is used up: mail a link, after {@link OneTimeCodes.openLink} has made it valid. */
  | { kind: 'link'; challenge: string; link: string; lifeMs: number };

/** A guess. */
export interface CodeGuess {
  purpose: string;
  /** From the browser's cookie. */
  challenge: string;
  /** A short code as it was typed (blanks and hyphens do not count), or the secret of a link. */
  code: string;
}

/** The result of a guess. */
export type VerifiedCode =
  | { kind: 'ok'; identifier: string; context: string | null }
  /** At 0 left, another code must be asked for. */
  | { kind: 'wrong'; left: number }
  /** The address has no guess left today, and the guess was not checked. The next code is a link. */
  | { kind: 'spent' }
  /** Used, replaced, expired, guessed at too often, or never issued. */
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
   * Makes a code or a link. Call it for addresses without an account too, and then mail nothing: the answer, the work
   * in Redis and the budget are the same, so neither the answer nor its time tells who has an account (ASVS 6.3.8).
   *
   * Codes of other browsers stay good. Nothing is ever refused: above a budget the answer is a link.
   * 1 request, 1 command.
   * @throws {RedisError} then mail no code.
   */
  issue(request: CodeRequest): Promise<IssuedCode>;
  /**
   * Makes a link valid, just before it is mailed. `recent`: mail nothing, because a link that the address got less than
   * half an hour ago is still good. An attempt made again gets the answer of the first. 1 request, 1 command.
   * @throws {RedisError} then mail no link.
   */
  openLink(mailed: MailedLink): Promise<{ kind: 'open'; lifeMs: number } | { kind: 'recent' }>;
  /**
   * Makes one guess. A guess at a short code is taken from the budgets before it is compared; a link has no budget.
   * Success ends the code or link. If the answer is lost, the guess may have been used and the code be over.
   * 1 request, 1 command; none for a challenge that is not in our form.
   * @throws {RedisError} then let no caller in.
   */
  verify(guess: CodeGuess): Promise<VerifiedCode>;
}

const DIGITS = 8;
/** 128 bits in base64url: {@link System.token}. */
const LINK = /^[\w-]{22}$/;
const LONGEST_LIFE_MS = 600_000;

/**
 * Creates one-time codes. Limits per IP address are those of the route.
 * @throws {TypeError} if a code is to live longer than ten minutes, or links overlap too little.
 */
export function createOneTimeCodes({ redis, system, hmac }: CodeServices, options: CodeOptions = {}): OneTimeCodes {
  const { guesses = 5, guessesPerDay = 20, codesPerDay = 20, codesPerAsker = 10 } = options;
  const lifeMs = milliseconds(options.life ?? LONGEST_LIFE_MS);
  const linkLifeMs = milliseconds(options.linkLife ?? '1h');
  const linkEveryMs = milliseconds(options.linkEvery ?? '30m');
  if (lifeMs > LONGEST_LIFE_MS || lifeMs < 1) throw new TypeError('A one-time code lives for at most ten minutes');
  // A reader who asks just before the next link is due still has that long for the one in the mailbox.
  if (linkLifeMs < linkEveryMs + LONGEST_LIFE_MS)
    throw new TypeError('A link must outlive the next one’s time by 10 min');
  const behind = () => system.redisAhead?.() ?? 0;

  /** A text under a key; empty for an id that is not (or no more) in the ring. */
  const macOf = (keyId: string, parts: readonly string[]) => hmac.compute(lengthPrefixed(parts), keyId)?.mac;

  /** The values derived from a challenge. A key made with another purpose or address belongs to no challenge. */
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

  /** Derived from the secret itself: only a caller who knows it can find the link. */
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

/** Each part behind its length, so that no two lists of parts give the same text. */
function lengthPrefixed(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}
