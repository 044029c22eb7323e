/**
 * Maps an IP address to a caller. An IPv4 address is one caller, in any spelling. An IPv6 caller usually has a /64
 * network or a larger one (RFC 6177, RFC 4291 section 2.5.1), so all addresses within a /64 count as the same caller.
 *
 * IPv6 is parsed by the URL parser that every runtime has (WHATWG URL, "IPv6 parser").
 */

/**
 * The caller for all missing and unreadable addresses. They share one quota, so hiding an address brings no advantage.
 */
export const UNKNOWN_ADDRESS = 'unknown';

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Returns the caller of an address: `192.0.2.1`, `2001:db8:0:1::/64` or `unknown`. */
export function callerOf(address: string | undefined): string {
  const text = address?.trim() ?? '';
  if (IPV4.test(text)) return text;
  const groups = groupsOf(text);
  if (!groups) return UNKNOWN_ADDRESS;
  const [high = 0, low = 0] = groups.slice(6);
  // An IPv4 address in IPv6 form: ::ffff:0:0/96 (RFC 4291 section 2.5.5.2).
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** Returns the eight groups of an IPv6 address; `null` if the text is not an IPv6 address. */
function groupsOf(text: string): number[] | null {
  // Only an address may reach the URL parser. An address with a zone (`fe80::1%eth0`) is refused, because a zone has a
  // meaning only on its own host.
  if (!/^[\da-f:]*:[\da-f:.]*$/i.test(text) || !URL.canParse(`http://[${text}]`)) return null;
  // The form that the URL parser writes: no dots, and `::` at most once.
  const [before = '', after] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}
