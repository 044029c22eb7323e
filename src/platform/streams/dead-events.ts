/** The dead events of one group, as its run knows them. */
import type { StoredEvent } from '../events/index.ts';
import type { SqlStore } from '../sql/index.ts';
import { addDead, type DeadEvent, type GroupName, removeDead } from './group.ts';

/** The reason of an event that is put aside because an earlier event of its key is dead. */
export const KEY_HELD = 'KEY_HELD';

/** The dead events of a group. Only the holder of the group's lease changes them. */
export class DeadEvents {
  readonly #store: SqlStore;
  readonly #group: GroupName;
  /** The dead versions of each key. */
  readonly #versions = new Map<string, Set<number>>();
  /**
   * The events that an administrator has asked to handle again, in the order of keys and versions. An event that was put
   * aside behind them, after the request, comes with them: no other request would ever handle it.
   */
  replays: readonly DeadEvent[];
  /** The number of events that this run has put aside. */
  added = 0;

  constructor(store: SqlStore, group: GroupName, dead: readonly DeadEvent[]) {
    this.#store = store;
    this.#group = group;
    const asked = new Set(dead.filter(({ replay }) => replay).map(({ key }) => key));
    this.replays = dead.filter(({ key, replay, reason }) => replay || (reason === KEY_HELD && asked.has(key)));
    for (const { key, version } of dead) this.#note(key, version);
  }

  /** Returns whether an event is dead. */
  has({ key, version }: Pick<StoredEvent, 'key' | 'version'>): boolean {
    return this.#versions.get(key)?.has(version) ?? false;
  }

  /** Returns whether an event of the key is dead. */
  holds(key: string): boolean {
    return this.#versions.has(key);
  }

  /** Puts events aside. 1 statement, none for no events. */
  async putAside(dead: readonly Omit<DeadEvent, 'replay'>[], now: number): Promise<void> {
    if (dead.length === 0) return;
    await addDead(this.#store, this.#group, dead, now);
    for (const { key, version } of dead) {
      if (!this.has({ key, version })) this.added += 1;
      this.#note(key, version);
    }
  }

  /** Removes an event whose replay succeeded. 1 statement. */
  async remove({ key, version }: Pick<DeadEvent, 'key' | 'version'>): Promise<void> {
    await removeDead(this.#store, this.#group, { key, version });
    const versions = this.#versions.get(key);
    versions?.delete(version);
    if (versions?.size === 0) this.#versions.delete(key);
  }

  #note(key: string, version: number): void {
    const versions = this.#versions.get(key) ?? new Set();
    versions.add(version);
    this.#versions.set(key, versions);
  }
}
