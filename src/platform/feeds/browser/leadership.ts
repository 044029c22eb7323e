/**
 * The tabs of one browser, by Web Locks: one tab is the leader and has the connection. The browser gives the lock of a
 * closed or crashed leader to the oldest other tab. Every tab also holds a lock whose name lists its topics, so that the
 * leader knows the topics of all living tabs.
 */

/** The place of a tab among the tabs of its browser. */
export interface Leadership {
  /** Sets the topics of this tab. Resolves when the leader can see them. */
  announce(topics: readonly string[]): Promise<void>;
  /** The topics of all tabs, sorted. */
  topicsOfAll(): Promise<string[]>;
  /** Becomes the leader when the leader ends, or at once with `steal`. */
  contend(steal: boolean): void;
  end(): void;
}

/**
 * Takes a place among the tabs that use the same name.
 * @param lead runs while this tab is the leader, and returns a function that ends it.
 */
export function joinTabs(
  locks: Pick<LockManager, 'request' | 'query'>,
  name: string,
  lead: () => () => void,
): Leadership {
  let hasEnded = false;
  let isLeader = false;
  let stopLeading = () => {};
  let withdraw = () => {};
  const prefix = `${name} `;

  function contend(steal: boolean): void {
    let endLead: (() => void) | undefined;
    locks
      .request(name, { steal }, () => {
        if (hasEnded || isLeader) return;
        isLeader = true;
        endLead = lead();
        return new Promise<void>((resolve) => {
          stopLeading = resolve;
        });
      })
      // Another tab has stolen the lock.
      .catch(() => {
        if (!endLead) return;
        isLeader = false;
        endLead();
        if (!hasEnded) contend(false);
      });
  }

  return {
    async announce(topics) {
      const withdrawOld = withdraw;
      const isHeld = new Promise<void>((resolve) => {
        withdraw = resolve;
      });
      await new Promise<void>((granted, failed) => {
        // The random part makes the name unique, so that the lock is free.
        locks
          .request(`${prefix}${crypto.randomUUID()} ${topics.join()}`, () => {
            granted();
            return isHeld;
          })
          .catch(failed);
      });
      withdrawOld();
    },
    async topicsOfAll() {
      const { held = [] } = await locks.query();
      const names = held.flatMap((lock) => (lock.name?.startsWith(prefix) ? lock.name : []));
      return [...new Set(names.flatMap((each) => each.split(' ')[2]?.match(/[^,]+/g) ?? []))].sort();
    },
    contend,
    end() {
      hasEnded = true;
      withdraw();
      stopLeading();
    },
  };
}
