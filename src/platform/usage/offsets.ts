/**
 * The offsets of a time zone from UTC, as Redis stores them. A script has no database of time zones, so it finds the local
 * day of a moment in this list.
 */

/** A time from which a zone has an offset. */
export interface Offset {
  /** In ms since the epoch. */
  from: number;
  /** Local time minus UTC, in ms. */
  offsetMs: number;
}

/** Formats offsets, the oldest first, as `from:offset,from:offset`. */
export function formatOffsets(offsets: readonly Offset[]): string {
  return offsets.map(({ from, offsetMs }) => `${from}:${offsetMs}`).join(',');
}

/** Defines `offsetAt(offsets, ms)`, which returns the offset at a moment; 0 (UTC) without a list. */
export const LUA_OFFSET_AT = `
local function offsetAt(offsets, ms)
  local found = 0
  for from, offset in string.gmatch(offsets, '(%-?%d+):(%-?%d+)') do
    if tonumber(from) <= ms then found = tonumber(offset) end
  end
  return found
end
`;
