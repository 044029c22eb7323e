/** `jobs cancel`, `jobs retry` and `jobs replay`: the changes of one job that the API offers too. */
import { changeJob } from '../src/platform/jobs/admin/index.ts';
import { type Command, required } from './command.ts';
import { TENANT_OPTION } from './tenant.ts';

type Verb = Parameters<typeof changeJob>[1];

const SUMMARIES: Readonly<Record<Verb, string>> = {
  cancel: 'Cancels a job, or asks its run to stop',
  retry: 'Runs a waiting job now',
  replay: 'Queues a dead or cancelled job again, under its id',
};

export const jobChanges: readonly Command[] = (Object.keys(SUMMARIES) as Verb[]).map((verb) => ({
  name: `jobs ${verb}`,
  words: ['<id>'],
  summary: SUMMARIES[verb],
  options: { ...TENANT_OPTION },
  example: `jobs ${verb} out_01M8JZETNVXJ3J8274RW4M7APA --tenant acme`,
  async run(input, place) {
    const services = await (await place.app()).tenant(required(input, 'tenant'));
    const [id = ''] = input.words;
    const state = await changeJob(services, verb, id);
    return { lines: [`${id}  ${state}`], json: { id, state } };
  },
}));
