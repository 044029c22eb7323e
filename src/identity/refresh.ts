/** Exchanging and ending refresh tokens. */
import { createRoute } from '@hono/zod-openapi';
import {
  createRouter,
  enforceLimits,
  json,
  jsonBody,
  ProblemError,
  problems,
  subjectOf,
  unguarded,
} from '../platform/http/index.ts';
import { parseRefreshToken } from '../platform/sessions/index.ts';
import { refreshRules } from './rules.ts';
import { refreshSchema, tokensSchema } from './schema.ts';
import { tokensAnswer } from './signed-in.ts';

export const refreshRoutes = createRouter();
const tags = ['Auth'];

const refresh = createRoute(
  unguarded({
    operationId: 'tokens.refresh',
    method: 'post',
    path: '/auth/refresh',
    tags,
    summary: 'Exchange a refresh token for new tokens',
    description:
      'Each refresh token works once. Sent again within 30 s (the answer may have been lost), it returns the same new ' +
      'tokens. Sent later, it ends every token of its family, because the token may have been stolen.',
    request: { body: jsonBody(refreshSchema) },
    responses: { 200: json(tokensSchema, 'New tokens'), ...problems(400, 401, 415, 429, 503) },
  }),
);
refreshRoutes.openapi(refresh, async (c) => {
  const scope = c.get('scope');
  await enforceLimits(c, refreshRules, subjectOf(c));
  const presented = parseRefreshToken(c.req.valid('json').refreshToken);
  const outcome = presented ? await scope.tenant(presented.tenant).tokens.refresh(presented) : null;
  if (!outcome || outcome.kind === 'invalid' || outcome.kind === 'reuse') {
    if (outcome?.kind === 'reuse') {
      scope.log.warn('auth.refresh_reused', { tenant: presented?.tenant, userId: outcome.userId, family: outcome.id });
    }
    throw new ProblemError(401, 'REFRESH_REFUSED', 'This refresh token is not valid: sign in again');
  }
  c.header('cache-control', 'no-store');
  return c.json(tokensAnswer(outcome.tokens), 200);
});

const revoke = createRoute(
  unguarded({
    operationId: 'tokens.revoke',
    method: 'post',
    path: '/auth/revoke',
    tags,
    summary: 'End a refresh token and its family',
    description: 'The answer is the same for an invalid token (RFC 7009).',
    request: { body: jsonBody(refreshSchema) },
    responses: { 204: { description: 'Ended' }, ...problems(400, 415, 429, 503) },
  }),
);
refreshRoutes.openapi(revoke, async (c) => {
  await enforceLimits(c, refreshRules, subjectOf(c));
  const presented = parseRefreshToken(c.req.valid('json').refreshToken);
  if (presented) await c.get('scope').tenant(presented.tenant).tokens.revoke(presented);
  return c.body(null, 204);
});
