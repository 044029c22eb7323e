/** Short names of devices, so that users recognise their devices in a list. The browser's header is only a hint. */

const LONGEST = 60;

/** The first match decides, because the header of most browsers also contains the names of older browsers. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/**
 * Returns a name such as `Firefox on Windows`. For an unknown browser or system, returns the cleaned beginning of the
 * header. Without a header, returns `Unknown device`.
 */
export function deviceOf(userAgent: string | null | undefined): string {
  const text = (userAgent ?? '').slice(0, 500);
  const browser = BROWSERS.find(([pattern]) => pattern.test(text))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(text))?.[1];
  if (browser && system) return `${browser} on ${system}`;
  // \p{C}: control and format characters (some reverse the direction of writing), lone surrogates, unassigned.
  const plain = text.replace(/\p{C}+/gu, ' ').trim();
  return [...plain].slice(0, LONGEST).join('').trim() || 'Unknown device';
}
