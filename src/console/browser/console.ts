/**
 * The script of the console. Every page works without it: links and forms do the same. With it, charts are
 * drawn, a changed filter applies at once, and a page can refresh itself.
 */
import htmx from 'htmx.org';
import { drawCharts } from './charts.ts';
import { refreshLive } from './refresh.ts';

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
// A table that the user has opened stays open.
htmx.config.morphIgnore.push('open');

/** Replaces the main part of the page with the same part of the page at an address. */
export async function show(address: string, headers: Record<string, string> = {}): Promise<void> {
  await htmx.ajax('GET', address, { source: '#main', target: '#main', select: '#main', swap: 'outerMorph', headers });
  drawCharts();
}

// A request whose session has ended is redirected to the sign-in page. The browser then opens that page as a whole.
document.addEventListener('htmx:before:response', (event) => {
  const { raw } = (event as CustomEvent<{ ctx: { response: { raw: Response } } }>).detail.ctx.response;
  if (!raw.redirected || new URL(raw.url).pathname.startsWith('/console')) return;
  event.preventDefault();
  location.assign(raw.url);
});

document.addEventListener('change', async ({ target }) => {
  const form = target instanceof HTMLSelectElement ? target.closest<HTMLFormElement>('form[data-swap]') : null;
  if (!form) return;
  const filled = [...new FormData(form)].filter((field): field is [string, string] => field[1] !== '');
  const search = new URLSearchParams(filled);
  const address = `${form.getAttribute('action')}${search.size > 0 ? `?${search}` : ''}`;
  await show(address);
  history.replaceState(null, '', address);
});

drawCharts();
refreshLive(() => show(location.href, { 'x-console-refresh': '1' }));
