// What happens to QoS policies, their rules, and what they are of.

import { most, type Created, type Happening, type World } from './world.ts';

export async function createPolicy(world: World): Happening {
  if (world.policies.length >= most.policies) return null;
  const name = `policy${(world.numbered += 1)}`;
  const made = await world.ask<Created>('POST', '/qos/policies', { policy: { name } });
  if (made === null) return 'no policy';
  world.policies.push({ id: made.id, rules: [] });
  return `policy ${made.id}`;
}

export async function removePolicy(world: World): Happening {
  const policy = world.random.pick(world.policies);
  if (policy === undefined) return null;
  return (await world.remove('/qos/policies', policy, world.policies))
    ? `policy ${policy.id} is removed`
    : 'policy stays';
}

export async function createLimit(world: World): Happening {
  const policy = world.random.pick(world.policies);
  if (policy === undefined) return null;
  const direction = world.random.pick(['ingress', 'egress']);
  const [kind, rule] = world.random.pick([
    ['bandwidth_limit_rule', { direction, max_kbps: 1_000 + world.random.below(9_000), max_burst_kbps: 800 }],
    ['packet_rate_limit_rule', { direction, max_kpps: 1 + world.random.below(20), max_burst_kpps: 1 }],
    ['dscp_marking_rule', { dscp_mark: world.random.pick([0, 10, 26, 46]) }],
  ] as const) ?? ['', {}];
  const made = await world.ask<Created>('POST', `/qos/policies/${policy.id}/${kind}s`, { [kind]: rule });
  if (made !== null) policy.rules.push(`${kind}s/${made.id}`);
  return `${kind} of ${policy.id}: ${JSON.stringify(rule)}`;
}

export async function removeLimit(world: World): Happening {
  const policy = world.random.pick(world.policies);
  const rule = world.random.pick(policy?.rules ?? []);
  if (policy === undefined || rule === undefined) return null;
  policy.rules.splice(policy.rules.indexOf(rule), 1);
  await world.ask('DELETE', `/qos/policies/${policy.id}/${rule}`);
  return `${rule} of ${policy.id} is removed`;
}

export async function changeLimit(world: World): Happening {
  const policy = world.random.pick(world.policies);
  const rule = world.random.pick((policy?.rules ?? []).filter((each) => each.startsWith('bandwidth_limit')));
  if (policy === undefined || rule === undefined) return null;
  const max_kbps = 1_000 + world.random.below(9_000);
  await world.ask('PUT', `/qos/policies/${policy.id}/${rule}`, { bandwidth_limit_rule: { max_kbps } });
  return `${rule} of ${policy.id}: ${max_kbps} kbit/s`;
}

/** Gives something a policy, or takes its own from it. */
export async function assignPolicy(world: World): Happening {
  const qos_policy_id = world.random.chance(0.7) ? (world.random.pick(world.policies)?.id ?? null) : null;
  const kinds = [
    { word: 'port', among: world.instances },
    { word: 'port', among: world.instances },
    { word: 'network', among: world.networks },
    { word: 'floatingip', among: world.floatingIps },
    { word: 'router', among: world.routers },
  ] as const;
  const { word, among } = world.random.pick(kinds) ?? kinds[0];
  const { id } = world.random.pick<Created>(among) ?? {};
  const network_id = world.outside();
  if (id === undefined || network_id === undefined) return null;
  const change = word === 'router' ? { external_gateway_info: { network_id, qos_policy_id } } : { qos_policy_id };
  await world.ask('PUT', `/${word}s/${id}`, { [word]: change });
  return `${word} ${id} has the policy ${qos_policy_id}`;
}
