/**
 * The wire format of a cache entry: one header line, then the encoded text of the value, so that a cached JSON answer
 * can be sent without parsing it. An unreadable entry is a miss, never an error, because an older or newer release
 * may have written the entry.
 *
 *     1 <fill id> <loaded at> <fresh until>[/<ends at>] <load ms> <encoding> <version,version,…|->[ <era>]\n<text>
 */
import { isEncoding, type Payload } from './payload.ts';

const FORMAT = '1';

/** A value with the data that decides whether it may be served. Times are in ms since the epoch. */
export interface Entry extends Payload {
  /** The id of the fill: the lease token of the loader, or the new version of a write-through. */
  fillId: string;
  loadedAt: number;
  freshUntil: number;
  /** The time from which on the value is wrong and is not served at all. Default: none. */
  endsAt?: number;
  /** How long the loader took, in ms. */
  loadMs: number;
  /** The versions of the entry's tags, read **before** the load, in the order of the query's tags. */
  versions: readonly string[];
  /** The era that was read with the versions; see `era.ts`. Default: ''. */
  era?: string;
}

/** Formats an entry as text. */
export function formatEntry(entry: Entry): string {
  const versions = entry.versions.length === 0 ? '-' : entry.versions.join(',');
  const freshUntil = entry.endsAt === undefined ? entry.freshUntil : `${entry.freshUntil}/${entry.endsAt}`;
  const header = [FORMAT, entry.fillId, entry.loadedAt, freshUntil, entry.loadMs, entry.encoding, versions];
  if (entry.era) header.push(entry.era);
  return `${header.join(' ')}\n${entry.text}`;
}

/** Parses an entry. Returns `null` for a text that does not have the format of an entry. */
export function parseEntry(stored: string): Entry | null {
  const end = stored.indexOf('\n');
  if (end < 0) return null;
  const [format, fillId, loadedAt, freshUntil, loadMs, encoding, versions, era, ...rest] = stored
    .slice(0, end)
    .split(' ');
  if (format !== FORMAT || !fillId || !encoding || !versions || rest.length > 0 || !isEncoding(encoding)) return null;
  const [fresh, endsAt] = freshUntil?.split('/') ?? [];
  const entry: Entry = {
    fillId,
    loadedAt: Number(loadedAt),
    freshUntil: Number(fresh),
    ...(endsAt === undefined ? {} : { endsAt: Number(endsAt) }),
    loadMs: Number(loadMs),
    encoding,
    versions: versions === '-' ? [] : versions.split(','),
    ...(era === undefined ? {} : { era }),
    text: stored.slice(end + 1),
  };
  const readable = [entry.freshUntil, entry.loadedAt, entry.loadMs, entry.endsAt ?? 0].every(Number.isFinite);
  return readable ? entry : null;
}

/** Returns the fill id of a stored entry, even of an entry in another release's format; `''` if there is no entry. */
export function fillIdOf(stored: string | null): string {
  return /^\S+ (\S+)/.exec(stored ?? '')?.[1] ?? '';
}

/**
 * A Lua function for scripts that read an entry. It returns the JSON text of the entry with this key if the key of the
 * era has the era of the entry, and the keys of its versions, from `KEYS[first]` to `KEYS[last]`, still have the versions
 * of the entry. It returns nil for any other entry, also for a compressed or sealed one. The fresh time of the entry is
 * not checked.
 */
export const LUA_CURRENT_ENTRY = `
local function current_entry(key, era, first, last)
  local stored = redis.call('GET', key) or ''
  local versions, of, text = string.match(stored, '^${FORMAT} %S+ %S+ %S+ %S+ j (%S+) ?(%S*)\\n(.*)$')
  if not versions or of ~= (redis.call('GET', era) or '') then return nil end
  local at = first
  for version in string.gmatch(versions, '[^,]+') do
    if at > last or (redis.call('GET', KEYS[at]) or '') ~= version then return nil end
    at = at + 1
  end
  return at > last and text or nil
end`;
