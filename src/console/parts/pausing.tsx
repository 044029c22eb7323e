/** Pausing and resuming for all tenants: the link in a table, the question behind it, and the action. */
import { operatorsOnly } from '../../platform/rest/index.ts';
import type { Action, Question, Visit } from '../screen.ts';

type Verb = 'pause' | 'resume';

/** A kind of thing that can be paused, and the effects of a pause. */
export interface Pausable {
  /** The noun: `queue`. Its addresses are `/console/queues/<name>/pause` and `/resume`. */
  noun: 'queue' | 'schedule';
  /** The effects of a pause and of its end, as sentences of the question. */
  effects: Record<Verb, string>;
  /** Pauses or resumes, and adds the entry of the audit trail. */
  change(visit: Visit, name: string, verb: Verb): Promise<void>;
}

/** Returns the questions and actions of a kind of thing that can be paused. */
export function pausing({ noun, effects, change }: Pausable) {
  const nameOf = ({ c }: Visit) => c.req.param('name') ?? '';
  const question = (verb: Verb, title: string): Question => ({
    title: `${title} a ${noun}`,
    async ask(visit) {
      operatorsOnly(visit);
      return {
        text: `${title} the ${noun} ${nameOf(visit)} for all tenants? ${effects[verb]}`,
        button: `${title} 1 ${noun}`,
      };
    },
  });
  const action =
    (verb: Verb): Action =>
    async (visit) => {
      await change(visit, nameOf(visit), verb);
      return { done: `${noun}-${verb}d` };
    };
  return {
    pauseQuestion: question('pause', 'Pause'),
    resumeQuestion: question('resume', 'Resume'),
    pause: action('pause'),
    resume: action('resume'),
  };
}

/** The link to the question. */
export function PauseLink(props: { noun: Pausable['noun']; name: string; paused: boolean; back: string }) {
  const { noun, name, paused, back } = props;
  return (
    <a href={`/console/${noun}s/${name}/${paused ? 'resume' : 'pause'}?${new URLSearchParams({ back })}`}>
      {paused ? 'Resume…' : 'Pause…'}
      <span class="hidden"> {name}</span>
    </a>
  );
}
