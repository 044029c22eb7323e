/**
 * Checks the address of a webhook (OWASP, Server-Side Request Forgery Prevention): HTTPS on port 443 to a public name.
 * An IP address is refused in every spelling, because the URL parser converts all spellings to the usual form. If a
 * name resolves to a private address, `public-fetch.ts` refuses the connection.
 */

/**
 * Domains outside the public DNS: special-use names (RFC 6761, 6762, 7686, 8375, 9476), `internal` (reserved by ICANN
 * in 2024), and suffixes that private networks use.
 */
const NOT_PUBLIC = [
  ...['alt', 'arpa', 'example', 'invalid', 'local', 'localhost', 'onion', 'test'],
  ...['internal', 'intranet', 'private', 'corp', 'home', 'lan', 'localdomain', 'domain', 'host', 'svc', 'cluster'],
];

/** A label of a host name (RFC 1123, and the underscore of some services). */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Ports allowed in local mode for hosts other than the loopback addresses. */
const LOCAL_PORTS = ['80', '443', '8080'];

/** Returns the reason to refuse the address, or `null`. In local mode, loopback addresses may have any port. */
export function refusalOf(text: string, isLocal: boolean): string | null {
  if (!URL.canParse(text)) return 'is not a URL';
  const { protocol, hostname, port, username, password } = new URL(text);
  const isPlain = protocol === 'http:';
  if (protocol !== 'https:' && !(isLocal && isPlain)) return 'must begin with https://';
  if (username !== '' || password !== '') return 'may not contain credentials';
  if (isLocal && isLoopback(hostname)) return null;
  if (!portsOf(isLocal).includes(port || (isPlain ? '80' : '443'))) {
    return isLocal ? `must use one of the ports ${LOCAL_PORTS.join(', ')}` : 'must use port 443';
  }
  return hostRefusalOf(hostname);
}

function portsOf(isLocal: boolean): readonly string[] {
  return isLocal ? LOCAL_PORTS : ['443'];
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

function hostRefusalOf(hostname: string): string | null {
  // Public services have names. All IPv6 addresses are refused, because many forms of IPv6 addresses contain an IPv4
  // address.
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) return 'must name a host, not an address';
  const labels = hostname.replace(/\.$/, '').split('.');
  const isPublic =
    labels.length > 1 && labels.every((label) => LABEL.test(label)) && !NOT_PUBLIC.includes(labels.at(-1) ?? '');
  return isPublic ? null : 'must be a public host';
}
