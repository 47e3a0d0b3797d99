// Ports that local IPs are about, and which of their addresses.

import { BadRequest } from '@neutronium/model/errors';
import { LocalIPNoIP, LocalIPNoRequestedIP, LocalIPRequestedIPNotFound } from '@neutronium/model/local-ip-errors';
import { policyName } from '@neutronium/model/policy-rules';
import type { AnyResource } from '@neutronium/model/resource';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import type { IpAddress } from '@neutronium/net/ip';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { requireVisible } from '../require-visible.ts';

/** The port, held until the transaction ends. Throws BadRequest, for `resource`, of one that the caller cannot see. */
export async function holdVisiblePort(call: Call<Writer>, id: string, resource: AnyResource): Promise<PortRecord> {
  const missing = (): Error => new BadRequest({ resource: policyName(resource), msg: `Port ${id} not found` });
  await requireVisible(call, port, [id], missing);
  const held = await call.store.get(port, id);
  if (held === undefined) throw missing();
  return held;
}

/** The address that is asked for; with null, the only one that the port has. */
export function addressOfPort({ id: port_id, fixed_ips }: PortRecord, wanted: IpAddress | null): IpAddress {
  const [first, ...others] = fixed_ips.map(({ ip_address }) => ip_address);
  if (first === undefined) throw new LocalIPNoIP({ port_id });
  if (wanted === null) {
    if (others.length > 0) throw new LocalIPNoRequestedIP({ port_id });
    return first;
  }
  if (first !== wanted && !others.includes(wanted)) throw new LocalIPRequestedIPNotFound({ port_id, ip: wanted });
  return wanted;
}
