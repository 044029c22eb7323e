/** The credentials of a client: an API key, or an access token that is exchanged once when the API refuses it. */

/** The tokens of a user, as `sessions.signIn` with `as: 'tokens'` returns them. */
export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

/** The present credentials. */
export interface Credentials {
  /** The value of `Authorization`; undefined if the browser sends cookies. */
  header(): string | undefined;
  /**
   * Exchanges the refused credentials. Any number of callers share one exchange, and a caller whose request left before
   * the exchange gets its result. Returns false without a refresh token, and if the exchange was refused.
   * @param refused the header of the refused request
   */
  renew(refused: string | undefined): Promise<boolean>;
  /** Replaces the tokens; undefined after a sign-out. */
  set(tokens: Tokens | undefined): void;
}

/** Creates the credentials. `exchange` sends a refresh token, and returns undefined if the API refuses it. */
export function createCredentials(
  { apiKey, tokens, onTokens }: CredentialOptions,
  exchange: (refreshToken: string) => Promise<Tokens | undefined>,
): Credentials {
  let present = tokens;
  let exchanging: Promise<void> | undefined;
  const header = () => {
    const secret = present?.accessToken ?? apiKey;
    return secret && `Bearer ${secret}`;
  };
  const set = (next: Tokens | undefined) => {
    present = next;
    onTokens?.(next);
  };

  async function renewNow({ refreshToken }: Tokens): Promise<void> {
    const next = await exchange(refreshToken);
    // A sign-out during the exchange prevails.
    if (present?.refreshToken === refreshToken) set(next);
  }

  return {
    header,
    set,
    async renew(refused) {
      if (present && header() === refused) {
        exchanging ??= renewNow(present).finally(() => {
          exchanging = undefined;
        });
        await exchanging;
      }
      return present !== undefined && header() !== refused;
    },
  };
}

/** The options of the credentials. */
export interface CredentialOptions {
  /** An API key, for programs. */
  apiKey?: string | undefined;
  /** The tokens of a user who has signed in before. */
  tokens?: Tokens | undefined;
  /** Gets the new tokens, in order to store them; undefined means that the user must sign in again. */
  onTokens?: ((tokens: Tokens | undefined) => void) | undefined;
}
