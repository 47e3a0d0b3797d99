// Arbitrary sequences of requests about L3 agents and the routers that they host. The agents stand before the run begins;
// the routers have no ports, so that none is hosted unless a request says so.

import fc from 'fast-check';
import { reference } from './body.ts';
import { nobody } from './requests.ts';
import type { Caller, Step } from './step.ts';

const operator = fc.constantFrom<Caller>('admin', 'admin', 'admin', 'admin', 'admin', 'owner');
const oneAgent = fc.oneof({ weight: 6, arbitrary: reference('agent') }, fc.constantFrom(nobody, 'x'));
const oneRouter = fc.oneof({ weight: 6, arbitrary: reference('hosted') }, fc.constantFrom(nobody, 'x'));

const hosting: fc.Arbitrary<Step> = fc
  .record({ as: operator, agentId: oneAgent, router_id: oneRouter })
  .chain(({ as, agentId, router_id }) =>
    fc.constantFrom<Step>(
      { as, method: 'POST', path: `/v2.0/agents/${agentId}/l3-routers`, body: { router_id } },
      { as, method: 'POST', path: `/v2.0/agents/${agentId}/l3-routers`, body: { router_id } },
      { as, method: 'POST', path: `/v2.0/agents/${agentId}/l3-routers`, body: { router: router_id } },
      { as, method: 'DELETE', path: `/v2.0/agents/${agentId}/l3-routers/${router_id}` },
      { as, method: 'GET', path: `/v2.0/agents/${agentId}/l3-routers` },
      { as, method: 'GET', path: `/v2.0/routers/${router_id}/l3-agents` },
    ),
  );

const agents: fc.Arbitrary<Step> = fc
  .record({ as: operator, agentId: oneAgent })
  .chain(({ as, agentId }) =>
    fc.constantFrom<Step>(
      { as, method: 'GET', path: `/v2.0/agents/${agentId}?fields=host&fields=admin_state_up&fields=alive` },
      { as, method: 'GET', path: '/v2.0/agents?agent_type=L3%20agent&fields=host&fields=binary&fields=topic' },
      { as, method: 'GET', path: '/v2.0/agents?host=host-a&fields=agent_type&fields=availability_zone' },
      { as, method: 'GET', path: '/v2.0/agents?admin_state_up=false&fields=host' },
      { as, method: 'GET', path: '/v2.0/agents?colour=red' },
      { as, method: 'PUT', path: `/v2.0/agents/${agentId}`, body: { agent: { admin_state_up: false } } },
      { as, method: 'PUT', path: `/v2.0/agents/${agentId}`, body: { agent: { admin_state_up: true } } },
      { as, method: 'PUT', path: `/v2.0/agents/${agentId}`, body: { agent: { admin_state_up: 'maybe' } } },
      { as, method: 'PUT', path: `/v2.0/agents/${agentId}`, body: { agent: { description: 'some words' } } },
      { as, method: 'PUT', path: `/v2.0/agents/${agentId}`, body: { agent: { host: 'elsewhere' } } },
    ),
  );

const routers: fc.Arbitrary<Step> = oneRouter.chain((id) =>
  fc.constantFrom<Step>(
    { as: 'owner', method: 'DELETE', path: `/v2.0/routers/${id}` },
    { as: 'owner', method: 'GET', path: `/v2.0/routers/${id}?fields=availability_zones` },
    { as: 'owner', method: 'POST', path: '/v2.0/routers', creates: 'hosted', body: { router: { name: 'r2' } } },
    {
      as: 'owner',
      method: 'POST',
      path: '/v2.0/routers',
      creates: 'hosted',
      body: { router: { availability_zone_hints: ['cellar'] } },
    },
  ),
);

/** Whatever a run has changed of agents is as it was when the next begins. */
const foundation: readonly Step[] = [
  { as: 'admin', method: 'GET', path: '/v2.0/agents?sort_key=host&sort_dir=asc', names: 'agent' },
  ...[0, 1].map((index): Step => ({
    as: 'admin',
    method: 'PUT',
    path: `/v2.0/agents/$agent.${index}`,
    body: { agent: { admin_state_up: true, description: '' } },
  })),
  ...['r0', 'r1'].map((name): Step => ({
    as: 'owner',
    method: 'POST',
    path: '/v2.0/routers',
    creates: 'hosted',
    body: { router: { name } },
  })),
];

export const hostingSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof({ weight: 6, arbitrary: hosting }, { weight: 3, arbitrary: agents }, { weight: 1, arbitrary: routers }),
    { minLength: 8, maxLength: 20, size: 'max' },
  )
  .map((steps) => [...foundation, ...steps]);
