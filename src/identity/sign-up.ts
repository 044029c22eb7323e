/** Sign-up of a tenant and its owner. The owner can sign in after proving the address with the mailed code. */
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppEnv, createRouter, enforceLimits, ProblemError, subjectOf } from '../platform/http/index.ts';
import { hashPassword } from '../platform/passwords/index.ts';
import { publicCommand } from '../platform/rest/index.ts';
import { sendCode } from './codes.ts';
import { markSignUp } from './own-sign-up.ts';
import { requireGoodPassword } from './password-policy.ts';
import { signUpRules } from './rules.ts';
import { codeSentSchema, signUpSchema } from './schema.ts';

export const signUpRoutes = createRouter();

publicCommand(signUpRoutes, {
  id: 'tenants.signUp',
  path: '/auth/sign-up',
  tag: 'Auth',
  summary: 'Sign up a tenant',
  cost: { requests: 3, commands: 3, statements: 5, messages: 1 },
  description:
    'Creates the tenant and its owner, and mails a code: `POST /auth/verify` signs in with it. A deployment can ' +
    'disable sign-up (403 `SIGN_UP_CLOSED`).',
  body: signUpSchema,
  answer: codeSentSchema,
  status: 202,
  effect: 'The code is being sent',
  problems: [403, 409, 429, 503],
  async run({ body }, _services, c) {
    await signUp(c, body);
    return { sent: true as const };
  },
});

/**
 * Creates a tenant and its owner, marks this browser as the browser of the sign-up, and mails a code.
 * @throws {ProblemError} 400 for a weak password, 403 `SIGN_UP_CLOSED`, 409 if the tenant exists; 429 and 503 by the
 *   limits.
 */
async function signUp(c: Context<AppEnv>, fields: z.output<typeof signUpSchema>): Promise<void> {
  const { company, tenant, currency, name, email, password } = fields;
  const { scope } = c.var;
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
}
