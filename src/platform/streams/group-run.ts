/** The declared consumer group, and one run of it, as the parts of this room pass them on. */
import type { StoredEvent, Stream } from '../events/index.ts';
import type { Job, JobContext } from '../jobs/index.ts';
import type { DeadEvents } from './dead-events.ts';
import type { GroupName, GroupRow } from './group.ts';
import type { Holder } from './take.ts';

/** A declared consumer group. */
export interface Consumer {
  readonly stream: Stream;
  readonly name: string;
  readonly job: Job;
  /** The job that rebuilds a projection. */
  readonly rebuild?: Job;
  readonly batch: number;
  readonly order: 'key' | 'none';
  /** The most deliveries of an event. */
  readonly most: number;
  /** The generation of a projection in the code; 0 for a group that is no projection. */
  readonly generation: number;
  /** Handles events that are stored in any schema version. Either all are handled, or the promise rejects. */
  apply(events: readonly StoredEvent[], place: Place): Promise<void>;
}

/** The group and its services, for {@link Consumer.apply}. */
export interface Place {
  group: GroupName;
  context: JobContext;
}

/** A run: the group, its state, and the services. */
export interface Run {
  consumer: Consumer;
  context: JobContext;
  group: GroupName;
  row: GroupRow;
  holder: Holder;
  dead: DeadEvents;
  /** Whether a catch-up reads single events, to find the event that ends the runs. */
  eventsComeAlone: boolean;
  /** The number of handled events so far. */
  handled: number;
}
