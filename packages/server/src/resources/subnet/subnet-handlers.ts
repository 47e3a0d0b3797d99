import { SubnetNotFound } from '@neutronium/model/errors';
import { subnet } from '@neutronium/model/resources/subnet';
import type { ServerConfig } from '#config/server-settings';
import type { DhcpScheduler } from '../../scheduling/dhcp.ts';
import type { Handlers } from '../handlers.ts';
import { createSubnets } from './create-subnets.ts';
import { deriveSubnets } from './derive-subnets.ts';
import { removeSubnet } from './remove-subnet.ts';
import { updateSubnet } from './update-subnet.ts';

export function subnetHandlers({
  config,
  dhcp,
}: {
  readonly config: ServerConfig;
  readonly dhcp: DhcpScheduler;
}): Handlers<typeof subnet> {
  const parts = { limits: config.ports, dhcp };
  return {
    resource: subnet,
    notFound: (id) => new SubnetNotFound({ subnet_id: id }),
    create: (call, requests) => createSubnets(parts, call, requests),
    update: (call, current, changes) => updateSubnet(parts, call, current, changes),
    remove: (call, current) => removeSubnet(parts, call, current),
    derive: (call, records) => deriveSubnets(call, records),
  };
}
