/** Webhook addresses in production: refused at registration, at delivery, and if a name leads to a private network. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { refusalOf } from '../../../src/crm/webhooks/address.ts';
import { createPublicFetch, isPublicAddress, type LookUp } from '../../../src/platform/public-fetch.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { ask } from '../crm/transfers.ts';

let server: Server;
let port: number;
let requests = 0;
beforeAll(async () => {
  server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(200).end('taken');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => {
  requests = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('1/M9: the address of a webhook', () => {
  const HOST = 'must be a public host';
  test.each([
    ['x', 'is not a URL'],
    ['http://example.com', 'must begin with https://'],
    ['ftp://example.com', 'must begin with https://'],
    ['https://u:p@example.com', 'may not contain credentials'],
    ...['https://127.0.0.1', 'https://2130706433', 'https://0x7f.1', 'https://10.0.0.1', 'https://[::1]'].map(literal),
    ...['https://[::ffff:169.254.169.254]', 'https://169.254.169.254/latest', 'https://１２７.0.0.1'].map(literal),
    ...['localhost', 'localhost.', 'redis', 'db.internal', 'a.local', 'a.lan', 'a.home', 'a.corp', 'a.intranet'].map(
      host,
    ),
    ...['localhost.localdomain', 'kubernetes.default.svc', 'a.svc.', 'x.svc.cluster', 'a.test', 'a.onion', 'a.alt'].map(
      host,
    ),
    ...['router.home.arpa', '1.0.0.10.in-addr.arpa', 'a.invalid', 'a.example', '..example.com', 'a..example.com'].map(
      host,
    ),
    ...[':22', ':80', ':6379', ':8080', ':8443'].map((suffix) => [`https://example.com${suffix}`, 'must use port 443']),
  ])('%s %s', (address, reason) => {
    expect(refusalOf(address, false)).toBe(reason);
  });

  test.each([
    'https://hooks.example.com/a?b',
    'https://hooks.example.com:443',
    'https://example.com.',
    'https://münchen.de',
  ])('%s is allowed', (address) => {
    expect(refusalOf(address, false)).toBeNull();
  });

  test.each([
    ['http://127.0.0.1:3000', null],
    ['http://localhost:45000/hook', null],
    ['http://example.com', null],
    ['http://example.com:8080', null],
    ['https://example.com', null],
    ['https://example.com:8443', 'must use one of the ports 80, 443, 8080'],
    ['http://10.0.0.1', 'must name a host, not an address'],
    ['http://db.internal', HOST],
  ])('in local mode %s: %s', (address, reason) => {
    expect(refusalOf(address, true)).toBe(reason);
  });

  function literal(address: string): [string, string] {
    return [address, 'must name a host, not an address'];
  }
  function host(name: string): [string, string] {
    return [`https://${name}`, HOST];
  }
});

describe('1/M9: on Node a name that leads to a private network', () => {
  const resolveTo = (...addresses: string[]): LookUp => {
    return (_hostname, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  };

  test.each([['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::1'], ['10.1.2.3']])(
    'is not called: %s %s',
    async (...found) => {
      const fetch = createPublicFetch(resolveTo(...found));
      await expect(fetch(`http://hooks.example.com:${port}/`)).rejects.toMatchObject({ code: 'OUTBOUND_ADDRESS' });
      expect(requests).toBe(0);
    },
  );

  test('the connection itself looks up the name, so that a second lookup cannot differ from the checked one', async () => {
    let lookups = 0;
    const fetch = createPublicFetch((hostname, options, callback) => {
      lookups += 1;
      resolveTo(lookups === 1 ? '192.168.0.1' : '8.8.8.8')(hostname, options, callback);
    });
    await expect(fetch(`http://hooks.example.com:${port}/`)).rejects.toMatchObject({ code: 'OUTBOUND_ADDRESS' });
    expect(lookups).toBe(1);
  });

  test.each([
    ...['0.0.0.0', '10.255.255.255', '100.64.0.1', '127.8.8.8', '169.254.169.254', '172.31.0.1', '192.168.1.1'],
    ...['198.19.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', 'fe80::1'],
    ...['fd00::1', '64:ff9b::a00:1', '2002:a00:1::', 'ff02::1', '2001:db8::1'],
  ])('%s is private', (address) => {
    expect(isPublicAddress({ address, family: address.includes(':') ? 6 : 4 })).toBe(false);
  });

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::5'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress({ address, family: address.includes(':') ? 6 : 4 })).toBe(true);
    },
  );
});

describe('outside local mode', () => {
  let world: JobWorld;
  beforeAll(async () => {
    world = await openJobWorld(crm.jobs);
    Object.assign(world.app.test.platform.scope().environment, { HOLDFAST_MODE: 'production' });
  });
  afterAll(() => world.close());

  test('1/M9: an address that is not public is refused at registration with the name of the field', async () => {
    const json = { url: 'https://kubernetes.default.svc/hook', events: ['*'] };
    const answer = await ask(world, '/webhooks', { method: 'POST', json });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'url', message: 'must be a public host' }] });
  });

  // This app has no `fetch` for public addresses only: only the check before the call can give this reason.
  test('2/7: a row with a private address is dead at delivery, before any call', async () => {
    const json = { url: 'https://hooks.example.com/', events: ['*'] };
    expect((await ask(world, '/webhooks', { method: 'POST', json })).status).toBe(201);
    await world.query('UPDATE webhooks SET url = $1 WHERE tenant_id = $2', ['https://10.0.0.1/', world.tenant.id]);
    expect((await ask(world, '/companies', { method: 'POST', json: { name: 'Kelp' } })).status).toBe(201);
    await world.advance(5_000);
    const { items } = (await (await ask(world, '/jobs?state=dead')).json()) as { items: object[] };
    expect(items).toMatchObject([{ name: 'webhooks.deliver', reason: 'WEBHOOK_ADDRESS' }]);
  });
});
