/**
 * Where webhooks may go (OWASP, Server-Side Request Forgery Prevention): HTTPS to a public name. A literal address of a
 * private network is refused, whatever its spelling, because URL parsers write it plainly; what a name resolves to we
 * cannot look at, so the network around the functions must not reach anything private.
 */

/** Why a webhook may not go there; `null` if it may. In local mode anything goes that is HTTP. */
export function refusalOf(text: string, isLocal: boolean): string | null {
  if (!URL.canParse(text)) return 'is not a URL';
  const { protocol, hostname, username, password } = new URL(text);
  if (isLocal && protocol === 'http:') return null;
  if (protocol !== 'https:') return 'must begin with https://';
  if (username !== '' || password !== '') return 'may not contain credentials';
  if (isLocal) return null;
  // No public service is known by its IPv6 address alone, and those that map IPv4 are many.
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) return 'must name a host, not an address';
  const isPrivate = !hostname.includes('.') || /(^|\.)(localhost|local|internal|home\.arpa)\.?$/.test(hostname);
  return isPrivate ? 'must be a public host' : null;
}
