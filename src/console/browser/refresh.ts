/** The switch that refreshes the page. It waits while the page is hidden, and while a form is used. */

const KEPT = 'console.refresh';

/** Shows the switch, and calls `show` at each interval while the switch is on. */
export function refreshEvery(ms: number, show: () => Promise<void>): void {
  const label = document.getElementById('refresh');
  const box = label?.querySelector('input');
  if (!label || !box) return;
  label.hidden = false;
  box.checked = sessionStorage.getItem(KEPT) === 'on';
  box.addEventListener('change', () => sessionStorage.setItem(KEPT, box.checked ? 'on' : 'off'));
  let isShowing = false;
  setInterval(async () => {
    const isUsed = document.activeElement?.closest('main form') ?? null;
    if (!box.checked || document.hidden || isUsed || isShowing || document.querySelector('form.question')) return;
    isShowing = true;
    try {
      await show();
    } catch {
      // The next interval tries again.
    } finally {
      isShowing = false;
    }
  }, ms);
}
