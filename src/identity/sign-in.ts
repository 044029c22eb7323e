/** Sign-in over JSON: with a password, or with a mailed code. */
import { createRoute } from '@hono/zod-openapi';
import { createRouter, json, jsonBody, problems, unguarded } from '../platform/http/index.ts';
import { codeRequestSchema, codeSentSchema, signedInSchema, signInSchema, verifySchema } from './schema.ts';
import { requestCode, signInByCode, signInByPassword } from './ways-in.ts';

export const signInRoutes = createRouter();
const tags = ['Auth'];

const signIn = createRoute(
  unguarded({
    operationId: 'sessions.signIn',
    method: 'post',
    path: '/auth/sign-in',
    tags,
    summary: 'Sign in with a password',
    description:
      'At most ten attempts a minute per IP address and per account. `as: "tokens"` returns tokens instead of a cookie.',
    request: { body: jsonBody(signInSchema) },
    responses: { 200: json(signedInSchema, 'You are signed in'), ...problems(400, 401, 403, 409, 415, 429, 503) },
  }),
);
signInRoutes.openapi(signIn, async (c) => c.json(await signInByPassword(c, c.req.valid('json')), 200));

const askForCode = createRoute(
  unguarded({
    operationId: 'codes.request',
    method: 'post',
    path: '/auth/code',
    tags,
    summary: 'Request a code by e-mail',
    description:
      'The answer is the same whether the address has an account or not. The code works only in this browser. An ' +
      'address with too many codes or wrong guesses today gets a link instead, at most every half hour. The newest ' +
      'link in the mailbox works in each browser that requested a code.',
    request: { body: jsonBody(codeRequestSchema) },
    responses: {
      202: json(
        codeSentSchema,
        'If the address has an account, a code or link is being sent, or a link is in the mailbox',
      ),
      ...problems(400, 415, 429, 503),
    },
  }),
);
signInRoutes.openapi(askForCode, async (c) => {
  await requestCode(c, c.req.valid('json'));
  return c.json({ sent: true as const }, 202);
});

const verify = createRoute(
  unguarded({
    operationId: 'codes.verify',
    method: 'post',
    path: '/auth/verify',
    tags,
    summary: 'Sign in with a code',
    description:
      'Takes the eight digits of a mail, or the `code` of a mailed link, in the browser that requested it. Also proves ' +
      'the address, after a sign-up and for an invited user.',
    request: { body: jsonBody(verifySchema) },
    responses: { 200: json(signedInSchema, 'You are signed in'), ...problems(400, 401, 409, 415, 429, 503) },
  }),
);
signInRoutes.openapi(verify, async (c) => c.json(await signInByCode(c, c.req.valid('json')), 200));
