/** Counts waits up and the time of an access in an emergency down, by the clock of the server. */

const MINUTE_MS = 60_000;
const EVERY_MS = 10_000;
/** The minutes from which on a wait is marked as long or very long; as in `show.tsx`. */
const TONES = [
  [30, 'bad'],
  [15, 'warn'],
  [0, 'good'],
] as const;

/** Keeps the durations of the page right. */
export function countOn(): void {
  const shownAt = Number(document.getElementById('main')?.dataset['now'] ?? Date.now());
  const loadedAt = performance.now();
  // The clock of the device may be wrong.
  const now = () => shownAt + performance.now() - loadedAt;
  setInterval(() => update(now()), EVERY_MS);
}

function update(now: number): void {
  for (const shown of document.querySelectorAll<HTMLElement>('[data-since]')) {
    const ms = now - Date.parse(shown.dataset['since'] ?? '');
    shown.textContent = minutes(ms);
    if (TONES.some(([, tone]) => shown.classList.contains(tone))) {
      const [, tone] = TONES.find(([from]) => ms >= from * MINUTE_MS) ?? [0, 'good'];
      shown.className = `wait ${tone}`;
    }
  }
  for (const shown of document.querySelectorAll<HTMLElement>('[data-until]')) {
    const left = Date.parse(shown.dataset['until'] ?? '') - now;
    shown.textContent = minutes(left);
    // The records are closed from now on.
    if (left <= 0) location.reload();
  }
}

function minutes(ms: number): string {
  const count = Math.max(0, Math.floor(ms / MINUTE_MS));
  return count < 60 ? `${count} min` : `${Math.floor(count / 60)} h ${count % 60} min`;
}
