/** Tokens: kept after a sign-in, exchanged once for all calls that the API refused, dropped after a sign-out. */
import { expect, test } from 'vitest';
import type { Tokens } from '../../../clients/typescript/src/index.ts';
import { json, problem, type Sent, stage } from './stage.ts';

const OLD = { accessToken: 'old access', refreshToken: 'old refresh' };
const NEW = { accessToken: 'new access', refreshToken: 'new refresh' };
const DEAL = { id: 'deal_1' };
const ended = () => problem(401, 'TOKEN_EXPIRED');
const bearers = (sent: Sent[]) => sent.map(({ path, headers }) => [path, headers.get('authorization')]);

/** A client with tokens, and what it was told about them. */
function signedIn(answers: Parameters<typeof stage>[0]) {
  const told: (Tokens | undefined)[] = [];
  return { ...stage(answers, { tokens: OLD, onTokens: (tokens) => told.push(tokens) }), told };
}

test('five calls that are refused share one exchange, and are sent again with the new token', async () => {
  const { api, sent, told } = signedIn([
    ...Array.from({ length: 5 }, ended),
    json(200, { ...NEW, tokenType: 'Bearer', expiresIn: 300 }),
    ...Array.from({ length: 5 }, () => json(200, DEAL)),
  ]);
  const ids = ['1', '2', '3', '4', '5'];
  expect(await Promise.all(ids.map((id) => api.deals.get({ id })))).toEqual(Array(5).fill(DEAL));
  expect(bearers(sent)).toEqual([
    ...ids.map((id) => [`/deals/${id}`, 'Bearer old access']),
    ['/auth/refresh', null],
    ...ids.map((id) => [`/deals/${id}`, 'Bearer new access']),
  ]);
  expect(sent[5]?.body).toEqual({ refreshToken: 'old refresh' });
  expect(told).toEqual([NEW]);
});

test('a call that left before an exchange, and is refused after it, is sent again without another exchange', async () => {
  let refuse = (_response: Response) => {};
  const late = () =>
    new Promise<Response>((resolve) => {
      refuse = resolve;
    });
  const { api, sent } = signedIn([late, ended(), json(200, NEW), json(200, DEAL), json(200, DEAL)]);
  const slow = api.deals.get({ id: 'slow' });
  await api.deals.get({ id: 'quick' });
  refuse(ended());
  expect(await slow).toEqual(DEAL);
  expect(sent.filter(({ path }) => path === '/auth/refresh')).toHaveLength(1);
});

test('a refused refresh token ends the tokens, and the call fails as at first', async () => {
  const { api, told } = signedIn([ended(), problem(401, 'REFRESH_REFUSED')]);
  await expect(api.deals.get({ id: '1' })).rejects.toMatchObject({ status: 401, code: 'TOKEN_EXPIRED' });
  expect(told).toEqual([undefined]);
});

test('an exchange whose answer was lost is sent again, and a fault of it leaves the tokens', async () => {
  const { api, told } = signedIn([ended(), new TypeError('socket'), json(200, NEW), json(200, DEAL)]);
  expect(await api.deals.get({ id: '1' })).toEqual(DEAL);
  expect(told).toEqual([NEW]);

  const down = signedIn([ended(), ...Array.from({ length: 4 }, () => problem(503, 'UNAVAILABLE'))]);
  await expect(down.api.deals.get({ id: '1' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(down.told).toEqual([]);
});

test('a new token that is refused too is not exchanged again', async () => {
  const { api, sent } = signedIn([ended(), json(200, NEW), problem(401, 'TOKEN_EXPIRED')]);
  await expect(api.deals.get({ id: '1' })).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
  expect(sent).toHaveLength(3);
});

test('a sign-in gives the tokens, and a sign-out drops them', async () => {
  const told: (Tokens | undefined)[] = [];
  const { api, sent } = stage(
    [json(200, { tenant: 'acme', ...NEW }), json(200, DEAL), new Response(null, { status: 204 }), json(200, DEAL)],
    { onTokens: (tokens) => told.push(tokens) },
  );
  await api.sessions.signIn({ body: { email: 'ada@acme.example', password: 'x', as: 'tokens' } });
  await api.deals.get({ id: '1' });
  await api.sessions.signOut();
  await api.deals.get({ id: '1' });
  expect(bearers(sent).map(([, bearer]) => bearer)).toEqual([null, 'Bearer new access', 'Bearer new access', null]);
  expect(told).toEqual([NEW, undefined]);
});

test('a sign-out during an exchange prevails', async () => {
  let answer = (_response: Response) => {};
  const exchange = () =>
    new Promise<Response>((resolve) => {
      answer = resolve;
    });
  const { api, told, sent } = signedIn([ended(), exchange, new Response(null, { status: 204 })]);
  const call = api.deals.get({ id: '1' });
  await expect.poll(() => sent.length).toBe(2);
  await api.sessions.signOut();
  answer(json(200, NEW));
  await expect(call).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
  expect(told).toEqual([undefined]);
});

test('an API key that is refused is not exchanged', async () => {
  const { api, sent } = stage([ended()], { apiKey: 'hf_acme_1_secret' });
  await expect(api.deals.get({ id: '1' })).rejects.toMatchObject({ status: 401 });
  expect(sent).toHaveLength(1);
});
