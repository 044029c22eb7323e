/** Makes the Worker's output under `wrangler dev` readable: formats its log lines, and maps frames to the source. */
import { parseLogLine, readableLine } from './line.ts';
import { createFrameMapper } from './source-frames.ts';

/**
 * Returns a function that passes lines to `log`. Lines of the app's log are formatted; all other lines stay unchanged.
 */
export function readableLog(log: (text: string) => void): (text: string) => void {
  const mapFrame = createFrameMapper();
  return (text) => {
    const line = parseLogLine(text);
    log(line ? readableLine(line, mapFrame) : text);
  };
}
