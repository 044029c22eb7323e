/**
 * The script that pages of several products share. Every page works without it: links and forms do the same. With it, a
 * page replaces its main part with the main part of another answer of this site, and keeps the focus.
 */
import htmx from 'htmx.org';

/** The part of Trusted Types that this file uses; not every browser has it. */
interface WithTrustedTypes {
  trustedTypes?: {
    createPolicy(name: string, rules: { createHTML(text: string): string; createScript(): string }): unknown;
  };
}

/**
 * The one policy of Trusted Types on these pages. It lets answers of this site become markup, and lets no text become a
 * script.
 */
const markup = (globalThis as unknown as WithTrustedTypes).trustedTypes?.createPolicy('markup', {
  createHTML: (text) => text,
  createScript: () => {
    throw new TypeError('No text becomes a script');
  },
});
const noScript = () => {
  throw new TypeError('No text becomes a script');
};
htmx.registerExtension('markup', {
  init: (api: { initSecurity(policy: unknown, sync: unknown, async: unknown): void }) =>
    api.initSecurity(markup, noScript, noScript),
});
// A problem page has the same frame, so its main part is shown like any other.
htmx.config.includeIndicatorCSS = false;
// A part that the user has opened stays open.
htmx.config.morphIgnore.push('open');

/** Replaces the main part of the page with the same part of the page at an address. */
export async function showPage(address: string, headers: Record<string, string> = {}): Promise<void> {
  await htmx.ajax('GET', address, { source: '#main', target: '#main', select: '#main', swap: 'outerMorph', headers });
}

/**
 * Opens a page as a whole if a request was redirected away from the pages below `path`: that is the sign-in page, after
 * the end of a session.
 */
export function leaveWith(path: string): void {
  document.addEventListener('htmx:before:response', (event) => {
    const { raw } = (event as CustomEvent<{ ctx: { response: { raw: Response } } }>).detail.ctx.response;
    if (!raw.redirected || new URL(raw.url).pathname.startsWith(path)) return;
    event.preventDefault();
    location.assign(raw.url);
  });
}
