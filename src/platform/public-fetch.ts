/**
 * A `fetch` for Node that connects to public addresses only, for URLs that users choose. The address is checked in the
 * lookup of the connection itself. So a name cannot resolve to a public address for the check and to a private address
 * for the connection (DNS rebinding). On Workers the platform's own `fetch` reaches no private network.
 */
import { type LookupAddress, type LookupOptions, lookup as lookUp } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';
import { createNodeFetch, type NodeFetchRequest } from './keep-alive-fetch.ts';
import { OutboundError } from './outbound/index.ts';

/** The IANA special-purpose registries (RFC 6890 and updates), multicast, and networks that embed IPv4 addresses. */
const PRIVATE_NETWORKS = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
  ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

// There are two lists, because a list with a rule for IPv4-mapped IPv6 addresses would also match every IPv4 address.
const blocked = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const network of PRIVATE_NETWORKS) {
  const [address = '', bits] = network.split('/');
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  blocked[family].addSubnet(address, Number(bits), family);
}

/** Returns whether an address belongs to the public Internet. */
export function isPublicAddress(found: LookupAddress): boolean {
  const family = found.family === 6 ? 'ipv6' : 'ipv4';
  return !blocked[family].check(found.address, family);
}

/** A function that resolves a name: the lookup of `node:dns`, or the function of a test. */
export type LookUp = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Creates a `fetch` for public addresses only. Redirects are not followed; the answer's body is read as a whole. The
 * `fetch` rejects with {@link OutboundError} `OUTBOUND_ADDRESS` if the name has any address that is not public.
 */
export function createPublicFetch(lookup: LookUp = lookUp): typeof fetch {
  const send = createNodeFetch({ lookup: publicLookup(lookup) });
  return async (input, init = {}) => {
    const { status, text } = await send(String(input), init as NodeFetchRequest);
    // A Response of these statuses may have no body.
    const body = [101, 204, 205, 304].includes(status) ? null : await text();
    return new Response(body, { status });
  };
}

function publicLookup(lookup: LookUp): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const [first] = addresses;
      if (!first || !addresses.every(isPublicAddress)) {
        return callback(new OutboundError('OUTBOUND_ADDRESS', 'The host has an address that is not public'), '');
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
