// Instances on a host whose ports iptables filters: what `vm add`, `vm rm`, `port plug` and `down --purge` do then.

import { missingForLab } from '@neutronium/cli/lab/host';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

describe.skipIf(missingForLab().length > 0)('neutronium vm with driver iptables_hybrid', () => {
  let embedded: Embedded;
  let networkId: string;

  beforeEach(async () => {
    embedded = await Embedded.start({ config: '[securitygroup]\nfirewall_driver = "iptables_hybrid"\n' });
    networkId = (await embedded.create<{ id: string }>('/v2.0/networks', { network: { name: 'net1' } })).id;
    await embedded.create('/v2.0/subnets', { subnet: { ip_version: 4, cidr: '10.0.0.0/24', network_id: networkId } });
  });
  afterEach(async () => {
    await embedded[Symbol.asyncDispose]();
  });

  interface PortBody {
    readonly id: string;
    readonly status: string;
    readonly 'binding:vif_details': Readonly<Record<string, unknown>>;
  }

  async function portNamed(name: string): Promise<PortBody> {
    const { body } = await embedded.api('GET', `/v2.0/ports?name=${name}`);
    // The shape of a port list in the Networking API.
    const [port] = body['ports'] as readonly PortBody[];
    if (port === undefined) throw new Error(`there is no port ${name}`);
    return port;
  }

  const switchPorts = () => embedded.host.script('ovs-vsctl list-ports br-int');
  const links = () => embedded.host.script('ip -brief link show');
  const filter = () => embedded.host.script('iptables-save; ip6tables-save; ipset save');

  it('puts a bridge between an instance and br-int, and takes it away with the instance', async () => {
    await embedded.vm('add', 'a', '--network', 'net1');
    const port = await portNamed('a');
    expect(port).toMatchObject({ status: 'ACTIVE', 'binding:vif_details': { ovs_hybrid_plug: true } });
    const short = port.id.slice(0, 11);
    expect(await switchPorts()).toContain(`qvo${short}`);
    const bridge = await embedded.host.script(`ip -brief link show master qbr${short}`);
    expect(bridge).toContain(`tap${short}`);
    expect(bridge).toContain(`qvb${short}@qvo${short}`);
    expect(await filter()).toContain(`neutron-openvswi-o${port.id.slice(0, 10)}`);
    const { stdout } = await embedded.inVm('a', ['ip', '-brief', 'address', 'show', 'dev', 'eth0']);
    expect(stdout).toContain('10.0.0.');

    await embedded.vm('rm', 'a');
    expect(await links()).not.toContain(short);
    expect(await switchPorts()).not.toContain(short);
    await embedded.until('no chain of the port', async () => !(await filter()).includes(port.id));
  });

  it('plugs a device that is named as its port wants, and says so of one that is not', async () => {
    const { id } = await embedded.create<PortBody>('/v2.0/ports', { port: { network_id: networkId, name: 'mine' } });
    const tap = `tap${id.slice(0, 11)}`;
    await embedded.host.script(
      `ip tuntap add dev other mode tap; ip tuntap add dev ${tap} mode tap; ip link set ${tap} up`,
    );
    const refused = await embedded.neutronium(['port', 'plug', 'mine', 'other'], { anyExitCode: true });
    expect(refused.stderr).toContain(`which must be ${tap}`);
    await embedded.neutronium(['port', 'plug', 'mine', tap]);
    expect(await portNamed('mine')).toMatchObject({ status: 'ACTIVE' });
    expect(await switchPorts()).toContain(`qvo${id.slice(0, 11)}`);
  });

  it('leaves no bridge, device, rule or set behind when everything is purged', async () => {
    await embedded.host.script('iptables -A FORWARD -s 192.0.2.1 -j DROP; ip link add mybridge type bridge');
    await embedded.vm('add', 'a', '--network', 'net1');
    const { id } = await portNamed('a');
    await embedded.interrupt();
    await embedded.neutronium(['down', '--purge']);
    expect(await links()).not.toContain(id.slice(0, 11));
    expect(await links()).toContain('mybridge');
    const after = await filter();
    expect(after).not.toContain('neutron-');
    expect(after).toContain('-A FORWARD -s 192.0.2.1/32 -j DROP');
    expect(after).not.toContain('ntnm:');
  });
});
