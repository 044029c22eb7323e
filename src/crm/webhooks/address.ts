/**
 * Where webhooks may go (OWASP, Server-Side Request Forgery Prevention): HTTPS on its own port to a public name. A
 * literal address is refused in every spelling, because URL parsers write all of them plainly. Names that resolve to
 * private addresses are refused when the connection is made: `public-fetch.ts`.
 */

/**
 * Domains that name nothing in the public DNS: special-use names (RFC 6761, 6762, 7686, 8375, 9476), `internal`
 * (reserved by ICANN in 2024), and suffixes that private networks use.
 */
const NOT_PUBLIC = [
  ...['alt', 'arpa', 'example', 'invalid', 'local', 'localhost', 'onion', 'test'],
  ...['internal', 'intranet', 'private', 'corp', 'home', 'lan', 'localdomain', 'domain', 'host', 'svc', 'cluster'],
];

/** A label of a host name (RFC 1123, and the underscore of some services). */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Ports on which a program of this machine may be told in local mode, beside those of the loopback addresses. */
const LOCAL_PORTS = ['80', '443', '8080'];

/** The reason why a webhook may not go there; `null` if it may. In local mode this machine may be called by any port. */
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
  // No public service is known by its IPv6 address alone, and those that map IPv4 are many.
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) return 'must name a host, not an address';
  const labels = hostname.replace(/\.$/, '').split('.');
  const isPublic =
    labels.length > 1 && labels.every((label) => LABEL.test(label)) && !NOT_PUBLIC.includes(labels.at(-1) ?? '');
  return isPublic ? null : 'must be a public host';
}
