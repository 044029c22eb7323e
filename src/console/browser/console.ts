/**
 * The script of the console. Every page works without it: links and forms do the same. With it, charts are
 * drawn, a changed filter applies at once, and a page can refresh itself.
 */
import { leaveWith, showPage } from '../../platform/pages/browser/index.ts';
import { drawCharts } from './charts.ts';
import { refreshLive } from './refresh.ts';

/** Replaces the main part of the page with the same part of the page at an address. */
export async function show(address: string, headers: Record<string, string> = {}): Promise<void> {
  await showPage(address, headers);
  drawCharts();
}

leaveWith('/console');

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
