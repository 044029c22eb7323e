/** Sign-up of a tenant and its owner. The owner can sign in after proving the address with the mailed code. */
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
import { hashPassword } from '../platform/passwords/index.ts';
import { sendCode } from './codes.ts';
import { markSignUp } from './own-sign-up.ts';
import { requireGoodPassword } from './password-policy.ts';
import { signUpRules } from './rules.ts';
import { codeSentSchema, signUpSchema } from './schema.ts';

export const signUpRoutes = createRouter();

const signUp = createRoute(
  unguarded({
    operationId: 'tenants.signUp',
    method: 'post',
    path: '/auth/sign-up',
    tags: ['Auth'],
    summary: 'Sign up a tenant',
    description:
      'Creates the tenant and its owner, and mails a code: `POST /auth/verify` signs in with it. A deployment can ' +
      'disable sign-up (403 `SIGN_UP_CLOSED`).',
    request: { body: jsonBody(signUpSchema) },
    responses: { 202: json(codeSentSchema, 'The code is being sent'), ...problems(400, 403, 409, 415, 429, 503) },
  }),
);
signUpRoutes.openapi(signUp, async (c) => {
  const { company, tenant, currency, name, email, password } = c.req.valid('json');
  const scope = c.get('scope');
  if (scope.environment.SIGN_UP === 'closed') {
    throw new ProblemError(403, 'SIGN_UP_CLOSED', 'Sign-up is closed here; ask the operator for a tenant');
  }
  await enforceLimits(c, signUpRules, subjectOf(c));
  requireGoodPassword(password, [email, tenant, company, name]);
  const passwordHash = await hashPassword(password, scope.system.passwordCost);
  const createdAt = new Date(scope.system.now());
  const user = { id: scope.system.rowId('user'), email, name, role: 'owner', passwordHash, createdAt } as const;
  // A new tenant has no cached values, so nothing is invalidated.
  const client = await scope.database.client();
  await client.tenant.create({ data: { id: tenant, name: company, currency, createdAt, users: { create: user } } });
  scope.log.info('auth.signed_up', { tenant, userId: user.id });
  await markSignUp(c, { tenantId: tenant, id: user.id });
  await sendCode(c, { email, tenant });
  return c.json({ sent: true as const }, 202);
});
