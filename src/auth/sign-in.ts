/** Signing in: with a password, or with a code that is mailed. */
import { createRoute } from '@hono/zod-openapi';
import { createRouter, enforceLimits, json, jsonBody, ProblemError, problems, subjectOf } from '../http/index.ts';
import { verifyAbsent, verifyPassword } from '../sessions/index.ts';
import { type Account, chooseAccount, findAccounts } from './accounts.ts';
import { checkCode, sendCode } from './codes.ts';
import { clearChallenge } from './cookies.ts';
import { enter, wrongCredentials } from './enter.ts';
import { NOBODY } from './jobs.ts';
import { signInRules, verifyRules } from './rules.ts';
import { codeRequestSchema, codeSentSchema, signedInSchema, signInSchema, verifySchema } from './schema.ts';

export const signInRoutes = createRouter();
const tags = ['Auth'];

const signIn = createRoute({
  method: 'post',
  path: '/auth/sign-in',
  tags,
  summary: 'Sign in with a password',
  description:
    'Ten times a minute for an address and for an account. `as: "tokens"` answers tokens instead of a cookie.',
  request: { body: jsonBody(signInSchema) },
  responses: { 200: json(signedInSchema, 'You are signed in'), ...problems(400, 401, 403, 409, 415, 429, 503) },
});
signInRoutes.openapi(signIn, async (c) => {
  const { email, password, tenant, as } = c.req.valid('json');
  const scope = c.get('scope');
  await enforceLimits(c, signInRules, subjectOf(c, { account: email }));
  const client = await scope.database.client();
  const accounts = await findAccounts(client, email, tenant);
  // Of nobody's too: what an answer took, which it also says in Server-Timing, must not tell who has an account.
  const owners = accounts.length > 0 ? accounts : [{ tenantId: tenant ?? NOBODY, id: NOBODY }];
  const epochs = await Promise.all(owners.map(({ tenantId, id }) => scope.tenant(tenantId).sessions.readEpochs(id)));

  const index = await indexOfOwner(accounts, password);
  const account = accounts[index];
  const before = epochs[index];
  if (!account || !before) {
    scope.log.warn('auth.refused', { reason: 'password', tenant });
    throw wrongCredentials();
  }
  if (!account.verifiedAt) {
    await sendCode(c, { email, tenant: account.tenantId });
    throw new ProblemError(
      403,
      'ADDRESS_NOT_VERIFIED',
      'Prove your address first: we have sent you a code for /auth/verify',
    );
  }
  return c.json(await enter(c, { account, epochs: before, methods: ['pwd'], as }), 200);
});

/** Which of the accounts has this password. Takes as long for none as for one. */
async function indexOfOwner(accounts: readonly Account[], password: string): Promise<number> {
  if (accounts.length === 0) await verifyAbsent(password);
  for (const [index, { passwordHash }] of accounts.entries()) {
    const { ok } = passwordHash === null ? await verifyAbsent(password) : await verifyPassword(password, passwordHash);
    if (ok) return index;
  }
  return -1;
}

const askForCode = createRoute({
  method: 'post',
  path: '/auth/code',
  tags,
  summary: 'Ask for a code by e-mail',
  description: 'Answers the same whether anybody has this address. The code is good for this browser only.',
  request: { body: jsonBody(codeRequestSchema) },
  responses: {
    202: json(codeSentSchema, 'If somebody has this address, a code is on its way'),
    ...problems(400, 415, 429, 503),
  },
});
signInRoutes.openapi(askForCode, async (c) => {
  const { email, tenant } = c.req.valid('json');
  await enforceLimits(c, signInRules, subjectOf(c, { account: email }));
  await sendCode(c, { email, tenant });
  return c.json({ sent: true as const }, 202);
});

const verify = createRoute({
  method: 'post',
  path: '/auth/verify',
  tags,
  summary: 'Sign in with a code',
  description: 'Proves the address too: after signing up, and for who was invited.',
  request: { body: jsonBody(verifySchema) },
  responses: { 200: json(signedInSchema, 'You are signed in'), ...problems(400, 401, 409, 415, 429, 503) },
});
signInRoutes.openapi(verify, async (c) => {
  const { code, as } = c.req.valid('json');
  const scope = c.get('scope');
  await enforceLimits(c, verifyRules, subjectOf(c));
  const { email, tenant } = await checkCode(c, code);
  clearChallenge(c);
  const account = await chooseAccount(await scope.database.client(), email, tenant);
  if (!account) throw wrongCredentials();
  // The code is used: what changes from here on ends the session that is made.
  const epochs = await scope.tenant(account.tenantId).sessions.readEpochs(account.id);
  return c.json(await enter(c, { account, epochs, methods: ['otp'], as }), 200);
});
