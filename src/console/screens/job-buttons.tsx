/** The actions that the state of a job allows. */
import type { JobRecord } from '../../platform/jobs/index.ts';
import { ActionButton } from '../../platform/pages/index.ts';

/** Buttons for one job. */
export function JobButtons({ record: { id, name, state }, back }: { record: JobRecord; back: string }) {
  const about = `${name} ${id}`;
  const waits = state === 'queued' || state === 'failed';
  const ended = state === 'dead' || state === 'cancelled';
  return (
    <div class="buttons">
      {waits && <ActionButton action={`/console/jobs/${id}/run`} back={back} text="Run now" about={about} />}
      {(waits || state === 'running') && (
        <ActionButton action={`/console/jobs/${id}/cancel`} back={back} text="Cancel" about={about} />
      )}
      {ended && <ActionButton action={`/console/jobs/${id}/replay`} back={back} text="Replay" about={about} />}
    </div>
  );
}
