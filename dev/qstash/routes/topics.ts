/** URL groups and their endpoints. */
import { checkedName } from '../destination.ts';
import type { Emulator } from '../emulator.ts';
import { RequestError } from '../request-error.ts';
import { addEndpoints, describeTopic, readEndpoints, removeEndpoints, type Topic } from '../topics.ts';
import { type ApiAnswer, type ApiRequest, notFound, ok, readJson, route } from './router.ts';

export const topicRoutes = [
  route('GET', '/v2/topics', ({ state }) => ok([...state.topics.values()].map(describeTopic))),
  route('GET', '/v2/topics/:name', (emulator, _request, name) => ok(describeTopic(existing(emulator, name)))),
  route('PATCH', '/v2/topics/:name', setHeaders),
  route('DELETE', '/v2/topics/:name', deleteTopic),
  route('POST', '/v2/topics/:name/endpoints', add),
  route('DELETE', '/v2/topics/:name/endpoints', remove),
];

function existing({ state }: Emulator, name: string): Topic {
  return state.topics.get(name) ?? notFound(`url group ${name}`);
}

function add(emulator: Emulator, request: ApiRequest, name: string): ApiAnswer {
  const { state, clock, limits } = emulator;
  const now = clock.now();
  const known = state.topics.get(checkedName('url group name', name));
  const topic = known ?? { name, createdAt: now, updatedAt: now, endpoints: [], headers: {} };
  const endpoints = addEndpoints(topic.endpoints, readEndpoints(readJson(request)));
  if (known === undefined && state.topics.size >= limits.topics) {
    throw new RequestError(412, `no more than ${limits.topics} url groups`);
  }
  if (endpoints.length > limits.endpointsPerTopic) {
    throw new RequestError(412, `no more than ${limits.endpointsPerTopic} endpoints`);
  }
  state.topics.set(name, { ...topic, endpoints, updatedAt: now });
  return ok();
}

/** Removes endpoints from a group. A group without endpoints is deleted. */
function remove(emulator: Emulator, request: ApiRequest, name: string): ApiAnswer {
  const topic = existing(emulator, name);
  const endpoints = removeEndpoints(topic.endpoints, readEndpoints(readJson(request)));
  if (endpoints.length === 0) emulator.state.topics.delete(name);
  else emulator.state.topics.set(name, { ...topic, endpoints, updatedAt: emulator.clock.now() });
  return ok();
}

/** Deletes a group. A missing group is not an error. */
function deleteTopic(emulator: Emulator, _request: ApiRequest, name: string): ApiAnswer {
  emulator.state.topics.delete(name);
  return ok();
}

/** Sets the default headers of the group; a value may be text or a list of texts. */
function setHeaders(emulator: Emulator, request: ApiRequest, name: string): ApiAnswer {
  const topic = existing(emulator, name);
  const { headers } = Object(readJson(request)) as { headers?: unknown };
  if (typeof headers !== 'object' || headers === null) throw new RequestError(400, 'expected { headers: { … } }');
  const given = Object.entries(headers).map(([header, value]) => [header.toLowerCase(), [value].flat().join(', ')]);
  emulator.state.topics.set(name, {
    ...topic,
    headers: Object.fromEntries(given),
    updatedAt: emulator.clock.now(),
  });
  return ok();
}
