/** The panel in place of records that the caller may not see, with the way to open them in an emergency. */
import { ProblemError } from '../../platform/http/index.ts';
import { at } from './addresses.ts';

/** The refusals that no longer apply during an access in an emergency. */
const CODES: readonly string[] = ['NO_CARE_RELATION', 'CONSENT_DENIED', 'RECORD_RESTRICTED'];

/** Returns the error as a refusal; throws the error again if it is not a refusal. */
export function refusalOf(error: unknown): ProblemError {
  if (error instanceof ProblemError && CODES.includes(error.code)) return error;
  throw error;
}

/** Says why the records are closed. */
export function Closed({ id, refusal: { message, code, members } }: { id: string; refusal: ProblemError }) {
  const isRestricted = members['recordClass'] === 'restricted';
  return (
    <section class="closed" aria-labelledby="closed">
      <h2 id="closed">
        <span aria-hidden="true">🔒</span> These records are closed to you
      </h2>
      <p>
        {message}. <span class="soft">{code}</span>
      </p>
      {members['canBreakGlass'] === true && (
        <>
          <p>In an emergency you may open them for 60 minutes. Reviewers are told at once and judge each access.</p>
          <p>
            <a class="button danger" href={at.emergency(id, isRestricted ? 'restricted' : undefined)}>
              Break the glass…
            </a>
          </p>
        </>
      )}
    </section>
  );
}
