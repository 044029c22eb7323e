/** Reads server-sent events frame by frame, as a browser does. */

/** A frame: its fields, with the lines of `data` joined. */
export interface Frame {
  id?: string;
  event?: string;
  data?: string;
  retry?: number;
}

/** A reader of one body. */
export interface FrameReader {
  /**
   * Returns the next frame; `null` at the end of the body, and throws behind it: a loop that waits for a frame must not
   * run for ever.
   */
  next(): Promise<Frame | null>;
  /** Skips frames without an event, and returns the name and the parsed data of the next event. */
  event(): Promise<{ event: string; data: unknown; id: string | undefined } | null>;
  /** Returns all frames up to the end of the body. */
  rest(): Promise<Frame[]>;
  /** Disconnects. */
  close(): Promise<void>;
}

/** Reads the frames of a response. */
export function readFrames(response: Response): FrameReader {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  let isOver = false;

  async function next(): Promise<Frame | null> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        return frameOf(block);
      }
      const { done, value } = await reader.read();
      if (done) {
        if (isOver) throw new Error('The body has ended');
        isOver = true;
        return null;
      }
      text += decoder.decode(value, { stream: true });
    }
  }

  return {
    next,
    async event() {
      for (let frame = await next(); frame; frame = await next()) {
        if (frame.event !== undefined) return { event: frame.event, data: JSON.parse(frame.data ?? ''), id: frame.id };
      }
      return null;
    },
    async rest() {
      const frames: Frame[] = [];
      for (let frame = await next(); frame; frame = await next()) frames.push(frame);
      return frames;
    },
    close: () => reader.cancel(),
  };
}

/** Returns the fields of a frame. */
export function frameOf(block: string): Frame {
  const frame: Frame = {};
  for (const line of block.split('\n')) {
    const [, field = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === 'retry') frame.retry = Number(value);
    else if (field === 'data') frame.data = frame.data === undefined ? value : `${frame.data}\n${value}`;
    else if (field === 'id' || field === 'event') frame[field] = value;
  }
  return frame;
}
