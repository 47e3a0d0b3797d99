// Which hosts of a lab have a highly available router, and which of them is active, as the API says.

import type { Lab } from '@neutronium/cli/lab/lab';

/** What the API says of each host that has the router. */
export async function haStates(lab: Lab, routerId: string): Promise<ReadonlyMap<string, string | null>> {
  interface Agent {
    readonly host: string;
    readonly ha_state: string | null;
  }
  const agents = await (await lab.api()).expect<readonly Agent[]>('GET', `/routers/${routerId}/l3-agents`);
  return new Map(agents.map(({ host, ha_state: state }) => [host, state]));
}

export interface HaRoles {
  readonly active: string;
  /** One of those that stand by. */
  readonly standby: string;
}

/** Who is what, once the API knows of one that is active and one that stands by. */
export async function haRoles(lab: Lab, routerId: string): Promise<HaRoles> {
  let found: HaRoles | undefined;
  await lab.until('that one host is active and one stands by', async () => {
    const states = [...(await haStates(lab, routerId))];
    const [active, ...others] = states.filter(([, state]) => state === 'active').map(([host]) => host);
    const [standby] = states.filter(([, state]) => state === 'standby').map(([host]) => host);
    if (active === undefined || standby === undefined || others.length > 0) return false;
    found = { active, standby };
    return true;
  });
  if (found === undefined) throw new Error('waiting ends with both');
  return found;
}

/** Waits until the API says that the host is active. */
export async function untilActive(lab: Lab, routerId: string, host: string): Promise<void> {
  await lab.until(`that ${host} is active`, async () => (await haStates(lab, routerId)).get(host) === 'active');
}
