/** Forged credentials on the deployed platforms: workerd and API Gateway refuse the same as Node. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { demoKeys } from '../../prisma/demo.ts';
import { hostNames, startHosts } from '../support/hosts.ts';
import { addPerson } from '../support/people.ts';

let hosts: Awaited<ReturnType<typeof startHosts>>;
beforeAll(async () => {
  hosts = await startHosts();
});
afterAll(() => Promise.all(hostNames.map((name) => hosts[name].close())));

const NAME = '__Host-session';
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe.each(hostNames)('%s', (name) => {
  test('refuses half a credential, two credentials, and a token with `alg: none`', async () => {
    const signIn = { path: '/auth/sign-in', method: 'POST', key: null } as const;
    const { email, password } = await addPerson(inject('cloud').postgres.url, 'acme');
    const json = { email, password };
    const signedIn = await hosts[name].send({ ...signIn, json });
    const tokens = await hosts[name].send({ ...signIn, json: { ...json, as: 'tokens' } });
    const cookie = /^[^;]+/.exec(signedIn.headers.get('set-cookie') ?? '')?.[0] ?? '';
    const { accessToken, refreshToken } = tokens.body as Record<'accessToken' | 'refreshToken', string>;
    const [, payload = '', signature = ''] = accessToken.split('.');
    const none = part({ alg: 'none', typ: 'at+jwt', kid: 'local1' });
    const refused: [what: string, headers: Record<string, string>][] = [
      ['nothing', {}],
      ['two tokens', { authorization: `Bearer ${accessToken}, Bearer ${accessToken}` }],
      ['a wrong token beside a right cookie', { authorization: 'Bearer x', cookie }],
      ['another scheme', { authorization: `Basic ${accessToken}` }],
      ['alg none', { authorization: `Bearer ${none}.${payload}.` }],
      ['alg none with the signature', { authorization: `Bearer ${none}.${payload}.${signature}` }],
      [
        'another algorithm',
        { authorization: `Bearer ${part({ alg: 'HS512', typ: 'at+jwt', kid: 'local1' })}.${payload}.${signature}` },
      ],
      ['a refresh token', { authorization: `Bearer ${refreshToken}` }],
      ['a key without its end', { authorization: `Bearer ${demoKeys.acme.slice(0, -1)}` }],
      ['two sessions', { cookie: `${cookie}; ${cookie}` }],
      ['a quoted session', { cookie: cookie.replace('=', '="').concat('"') }],
      ['a session of another secret', { cookie: cookie.replace(/.{4}$/, 'AAAA') }],
      ['another name', { cookie: cookie.replace(NAME, 'session') }],
      ['8 KiB of session', { cookie: `${NAME}=${'A'.repeat(8_192)}` }],
      ['a value that is not ASCII', { cookie: `${NAME}=Ã©Ã¼${cookie}` }],
    ];
    for (const [what, headers] of refused) {
      const { status } = await hosts[name].send({ path: '/auth/session', key: null, headers });
      expect([what, status]).toEqual([what, 401]);
    }
    const accepted: Record<string, string>[] = [
      { authorization: `Bearer ${accessToken}` },
      { cookie: `a="b; ${cookie}; =%` },
    ];
    for (const headers of accepted) {
      expect((await hosts[name].send({ path: '/auth/session', key: null, headers })).status).toBe(200);
    }
  });
});
