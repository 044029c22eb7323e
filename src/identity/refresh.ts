/** Exchanging and ending refresh tokens. */
import type { Context } from 'hono';
import { type AppEnv, createRouter, enforceLimits, ProblemError, subjectOf } from '../platform/http/index.ts';
import { publicCommand } from '../platform/rest/index.ts';
import { parseRefreshToken } from '../platform/sessions/index.ts';
import { refreshRules } from './rules.ts';
import { refreshSchema, tokensSchema } from './schema.ts';
import { tokensAnswer } from './signed-in.ts';

export const refreshRoutes = createRouter();

publicCommand(refreshRoutes, {
  id: 'tokens.refresh',
  path: '/auth/refresh',
  tag: 'Auth',
  summary: 'Exchange a refresh token for new tokens',
  cost: { requests: 2, commands: 2 },
  description:
    'Each refresh token works once. Sent again within 30 s (the answer may have been lost), it returns the same new ' +
    'tokens. Sent later, it ends every token of its family, because the token may have been stolen.',
  body: refreshSchema,
  answer: tokensSchema,
  effect: 'New tokens',
  problems: [401, 429, 503],
  run: ({ body }, _services, c) => exchangeToken(c, body.refreshToken),
});

publicCommand(refreshRoutes, {
  id: 'tokens.revoke',
  path: '/auth/revoke',
  tag: 'Auth',
  summary: 'End a refresh token and its family',
  cost: { requests: 2, commands: 2 },
  description: 'The answer is the same for an invalid token (RFC 7009).',
  body: refreshSchema,
  effect: 'Ended',
  problems: [429, 503],
  run: ({ body }, _services, c) => endTokens(c, body.refreshToken),
});

/**
 * Exchanges a refresh token for new tokens.
 * @throws {ProblemError} 401 `REFRESH_REFUSED`; 429 and 503 by the limits.
 */
async function exchangeToken(c: Context<AppEnv>, refreshToken: string) {
  const { scope } = c.var;
  await enforceLimits(c, refreshRules, subjectOf(c));
  const presented = parseRefreshToken(refreshToken);
  const outcome = presented ? await scope.tenant(presented.tenant).tokens.refresh(presented) : null;
  if (!outcome || outcome.kind === 'invalid' || outcome.kind === 'reuse') {
    if (outcome?.kind === 'reuse') {
      scope.log.warn('auth.refresh_reused', { tenant: presented?.tenant, userId: outcome.userId, family: outcome.id });
    }
    throw new ProblemError(401, 'REFRESH_REFUSED', 'This refresh token is not valid: sign in again');
  }
  return tokensAnswer(outcome.tokens);
}

/**
 * Ends a refresh token and its family. Does nothing for an invalid token.
 * @throws {ProblemError} 429 and 503 by the limits.
 */
async function endTokens(c: Context<AppEnv>, refreshToken: string): Promise<void> {
  await enforceLimits(c, refreshRules, subjectOf(c));
  const presented = parseRefreshToken(refreshToken);
  if (presented) await c.var.scope.tenant(presented.tenant).tokens.revoke(presented);
}
