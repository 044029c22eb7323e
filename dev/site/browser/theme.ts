/** Dark or light, before the page is drawn: as the reader chose, else as the system is set. */
const KEY = 'holdfast-docs-theme';

/** A browser may refuse storage to pages from files. */
function stored(work: (storage: Storage) => string | null): string | null {
  try {
    return work(localStorage);
  } catch {
    return null;
  }
}

const root = document.documentElement;
root.style.colorScheme = stored((storage) => storage.getItem(KEY)) ?? 'light dark';

document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element) || target.id !== 'theme') return;
  const chosen = root.style.colorScheme;
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  const next = isDark ? 'light' : 'dark';
  root.style.colorScheme = next;
  stored((storage) => {
    storage.setItem(KEY, next);
    return null;
  });
});
