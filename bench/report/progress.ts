/** Prints the current activity on stderr, with the seconds since the start. */

/** Returns a function that prints. `startedAt` is in ms since the epoch, so that several processes can share it. */
export function progressSince(startedAt: number): (text: string) => void {
  return (text) => console.error(`${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${text}`);
}
