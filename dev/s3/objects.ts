/** The objects of the local S3, with their versions and locks. */

/** A version of an object. `text` is `null` for the marker of a deletion. */
export interface Version {
  id: string;
  text: string | null;
  /** The end of the lock, in ms since the epoch; 0 without a lock. */
  lockedUntil: number;
}

/** The versions by bucket and name, the newest last. */
export type SavedObjects = Map<string, Map<string, Version[]>>;

/** Buckets with versions. A bucket exists as soon as it has an object. */
export class Objects {
  readonly #buckets: SavedObjects;

  constructor(saved: SavedObjects = new Map()) {
    this.#buckets = saved;
  }

  /** Adds a version, which becomes the content of the object. */
  put(bucket: string, name: string, { text, lockedUntil }: Omit<Version, 'id'>): void {
    const versions = this.#versions(bucket, name);
    versions.push({ id: String(versions.length + 1), text, lockedUntil });
  }

  /** Returns the content; `undefined` if the object does not exist or was deleted. */
  get(bucket: string, name: string): string | undefined {
    return this.#buckets.get(bucket)?.get(name)?.at(-1)?.text ?? undefined;
  }

  /**
   * Removes a version, or hides the object behind the marker of a deletion. Returns false if the version is locked.
   * @param version the id of a version; `null` to hide the object.
   */
  remove(bucket: string, name: string, version: string | null, now: number): boolean {
    const versions = this.#versions(bucket, name);
    if (version === null) {
      this.put(bucket, name, { text: null, lockedUntil: 0 });
      return true;
    }
    const place = versions.findIndex(({ id }) => id === version);
    if ((versions[place]?.lockedUntil ?? 0) > now) return false;
    if (place >= 0) versions.splice(place, 1);
    return true;
  }

  /** Returns the names of the objects that a list shows, in the order of S3. */
  names(bucket: string): string[] {
    const names = [...(this.#buckets.get(bucket) ?? new Map()).keys()] as string[];
    return names.filter((name) => this.get(bucket, name) !== undefined).sort();
  }

  save(): SavedObjects {
    return this.#buckets;
  }

  #versions(bucket: string, name: string): Version[] {
    const objects = this.#buckets.get(bucket) ?? new Map<string, Version[]>();
    this.#buckets.set(bucket, objects);
    const versions = objects.get(name) ?? [];
    objects.set(name, versions);
    return versions;
  }
}
