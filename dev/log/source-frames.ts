/** Maps a stack frame's position in a bundle to the position in the source, with the source map of the bundle. */
import { readFileSync, statSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A parsed V8 stack frame. Lines and columns are counted from 1. */
export interface Frame {
  /** Text before the position: `at async Object.run (`. */
  before: string;
  /** Path or `file:` URL of the bundle. */
  file: string;
  line: number;
  column: number;
  /** Text after the position: `)`, or empty. */
  after: string;
}

/** A place in the source. */
export interface SourcePlace {
  /** The path from the root of the project. */
  file: string;
  line: number;
  column: number;
  /** The text of the line, if the map contains the text of the source. */
  text: string | undefined;
}

/** The source map of one bundle. */
export interface BundleMap {
  /** Maps a position; `undefined` if the map does not cover it, such as a position in code that the bundler added. */
  placeOf(frame: Pick<Frame, 'line' | 'column'>): SourcePlace | undefined;
}

const ROOT = join(import.meta.dirname, '../..');

/** Parses a frame; `undefined` if the text has no position in a file. */
export function parseFrame(text: string): Frame | undefined {
  const match = /^(at (?:async )?(?:.*? \()?)((?:file:\/\/)?[^\s()]+?):(\d+):(\d+)(\)?)$/.exec(text);
  if (!match) return undefined;
  const [, before = '', file = '', line, column, after = ''] = match;
  return { before, file, line: Number(line), column: Number(column), after };
}

/** Reads a source map, whose source paths are relative to the map's own folder. */
export function readBundleMap(path: string): BundleMap {
  const payload = JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload & { sourcesContent?: (string | null)[] };
  const map = new SourceMap(payload);
  return {
    placeOf({ line, column }) {
      const entry = map.findEntry(line - 1, column - 1);
      if (!('originalSource' in entry) || entry.generatedLine !== line - 1) return undefined;
      const { originalSource: source, originalLine, originalColumn } = entry;
      const text = payload.sourcesContent?.[payload.sources.indexOf(source)]?.split('\n')[originalLine];
      return {
        file: relative(ROOT, join(dirname(path), source)),
        line: originalLine + 1,
        column: originalColumn + 1,
        text,
      };
    },
  };
}

/**
 * Returns a function that maps frames of bundles, also after a bundle was rebuilt. Other frames are returned unchanged.
 */
export function createFrameMapper(): (frame: string) => string {
  const maps = new Map<string, { writtenAt: number; map: BundleMap }>();

  function mapOf(path: string): BundleMap | undefined {
    try {
      const writtenAt = statSync(path).mtimeMs;
      const known = maps.get(path);
      if (known?.writtenAt === writtenAt) return known.map;
      const map = readBundleMap(path);
      maps.set(path, { writtenAt, map });
      return map;
    } catch {
      // The source map is missing, or is being written.
      return undefined;
    }
  }

  return (text) => {
    const frame = parseFrame(text);
    if (!frame) return text;
    const file = frame.file.startsWith('file:') ? fileURLToPath(frame.file) : frame.file;
    const place = mapOf(`${file}.map`)?.placeOf(frame);
    return place ? `${frame.before}${place.file}:${place.line}:${place.column}${frame.after}` : text;
  };
}
