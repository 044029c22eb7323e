/** Shows the progress of a long command on a terminal. */
import { SingleBar } from 'cli-progress';

/** Receives the progress of a command. */
export interface Progress {
  /** Shows that `done` of `total` steps have ended. `text` names the current step. */
  show(done: number, total: number, text: string): void;
  /** Removes the bar. */
  end(): void;
}

/** Shows no progress: for programs, and for output that is not a terminal. */
export const NO_PROGRESS: Progress = { show: () => undefined, end: () => undefined };

/** Creates a bar on the standard error, so that the standard output has the report alone. */
export function progressBar(): Progress {
  const bar = new SingleBar({
    format: '{bar} {value} of {total} {text}',
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let isShown = false;
  return {
    show(done, total, text) {
      if (!isShown) bar.start(total, done, { text });
      else bar.update(done, { text });
      isShown = true;
    },
    end() {
      if (isShown) bar.stop();
      isShown = false;
    },
  };
}
