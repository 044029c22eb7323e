/** Sign-in over JSON: with a password, or with a mailed code. */
import { createRouter } from '../platform/http/index.ts';
import { publicCommand } from '../platform/rest/index.ts';
import { codeRequestSchema, codeSentSchema, signedInSchema, signInSchema, verifySchema } from './schema.ts';
import { requestCode, signInByCode, signInByPassword } from './ways-in.ts';

export const signInRoutes = createRouter();

publicCommand(signInRoutes, {
  id: 'sessions.signIn',
  path: '/auth/sign-in',
  tag: 'Auth',
  summary: 'Sign in with a password',
  cost: { requests: 3, commands: 4, statements: 2 },
  description:
    'At most ten attempts a minute per IP address and per account. `as: "tokens"` returns tokens instead of a cookie.',
  body: signInSchema,
  answer: signedInSchema,
  effect: 'You are signed in',
  problems: [401, 403, 409, 429, 503],
  run: ({ body }, _services, c) => signInByPassword(c, body),
});

publicCommand(signInRoutes, {
  id: 'codes.request',
  path: '/auth/code',
  tag: 'Auth',
  summary: 'Request a code by e-mail',
  cost: { requests: 3, commands: 3, statements: 2, messages: 1 },
  description:
    'The answer is the same whether the address has an account or not. The code works only in this browser. An ' +
    'address with too many codes or wrong guesses today gets a link instead, at most every half hour. The newest ' +
    'link in the mailbox works in each browser that requested a code.',
  body: codeRequestSchema,
  answer: codeSentSchema,
  status: 202,
  effect: 'If the address has an account, a code or link is being sent, or a link is in the mailbox',
  problems: [429, 503],
  async run({ body }, _services, c) {
    await requestCode(c, body);
    return { sent: true as const };
  },
});

publicCommand(signInRoutes, {
  id: 'codes.verify',
  path: '/auth/verify',
  tag: 'Auth',
  summary: 'Sign in with a code',
  cost: { requests: 4, commands: 4, statements: 2 },
  description:
    'Takes the eight digits of a mail, or the `code` of a mailed link, in the browser that requested it. Also proves ' +
    'the address, after a sign-up and for an invited user.',
  body: verifySchema,
  answer: signedInSchema,
  effect: 'You are signed in',
  problems: [401, 403, 409, 429, 503],
  run: ({ body }, _services, c) => signInByCode(c, body),
});
