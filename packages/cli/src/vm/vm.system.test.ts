// The commands about instances and devices, on a host on which everything runs.

import { missingForLab } from '@neutronium/cli/lab/host';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe.skipIf(missingForLab().length > 0)('neutronium vm', () => {
  let embedded: Embedded;

  beforeAll(async () => {
    embedded = await Embedded.start();
    const { id } = await embedded.create<{ id: string }>('/v2.0/networks', { network: { name: 'net1' } });
    for (const subnet of [
      { ip_version: 4, cidr: '10.0.0.0/24' },
      { ip_version: 6, cidr: 'fd00::/64', ipv6_address_mode: 'dhcpv6-stateful', ipv6_ra_mode: 'dhcpv6-stateful' },
    ]) {
      await embedded.create('/v2.0/subnets', { subnet: { ...subnet, network_id: id } });
    }
  });
  afterAll(async () => {
    await embedded[Symbol.asyncDispose]();
  });

  interface PortBody {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly device_id: string;
    readonly device_owner: string;
    readonly mac_address: string;
    readonly fixed_ips: readonly { readonly ip_address: string }[];
    readonly 'binding:host_id': string;
  }

  async function ports(query: string): Promise<readonly PortBody[]> {
    const { body } = await embedded.api('GET', `/v2.0/ports?${query}`);
    // The shape of a port list in the Networking API.
    return body['ports'] as readonly PortBody[];
  }

  /** What is left of an instance on the machine, in words; empty when nothing is. */
  async function traces(name: string): Promise<string> {
    const found = await embedded.host.script(`
      ip netns list | grep -w vm-${name} || true
      ls /etc/netns | grep -x vm-${name} || true
      ls ${embedded.stateDir}/vm 2>/dev/null | grep -x ${name} || true
      for path in /proc/[0-9]*; do
        tr '\\0' ' ' < $path/cmdline 2>/dev/null | grep '/vm/${name}/' || true
      done`);
    return found.trim();
  }

  async function pluggedDevices(): Promise<readonly string[]> {
    return (await embedded.host.script('ovs-vsctl list-ports br-int')).trim().split('\n');
  }

  async function refusal(...args: readonly string[]): Promise<string> {
    return await embedded.vm(...args).then(
      () => 'it was not refused',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }

  it('gives an instance all addresses of its port, by DHCP of both versions', async () => {
    await embedded.vm('add', 'a', '--network', 'net1');
    const [port] = await ports('name=a');
    expect(port).toMatchObject({ status: 'ACTIVE', device_owner: 'compute:nova' });
    const wanted = port?.fixed_ips.map(({ ip_address: address }) => address).toSorted();
    expect(wanted?.length).toBe(2);
    await embedded.until('both addresses', async () => {
      const { stdout } = await embedded.inVm('a', ['ip', '-brief', 'address', 'show', 'dev', 'eth0']);
      return wanted?.every((address) => stdout.includes(`${address}/`)) === true;
    });
    expect(await embedded.vm('list')).toMatch(/ a .* ACTIVE /);
  });

  it('refuses a second instance of a name, and leaves the first as it is', async () => {
    const before = await ports('');
    expect(await refusal('add', 'a', '--network', 'net1')).toContain('there is an instance a already');
    expect(await ports('')).toEqual(before);
  });

  it('leaves nothing behind of an instance that could not be made', async () => {
    const before = (await ports('')).length;
    expect(await refusal('add', 'x', '--network', 'nowhere')).toContain('there is no network nowhere');
    // The name of the device that the instance is to have is taken by a bridge.
    const port = await embedded.create<PortBody>('/v2.0/ports', {
      port: { network_id: (await network()).id, name: 'taken' },
    });
    await embedded.host.script(`ip link add tap${port.id.slice(0, 11)} type bridge`);
    expect(await refusal('add', 'x', '--port', 'taken')).toContain('File exists');
    await embedded.host.script(`ip link del tap${port.id.slice(0, 11)} 2>/dev/null || true`);
    await embedded.api('DELETE', `/v2.0/ports/${port.id}`);
    expect(await traces('x')).toBe('');
    expect((await ports('')).length).toBe(before);
  });

  it('runs commands inside, and gives their exit codes back', async () => {
    expect(await embedded.vm('exec', 'a', '--', 'cat', '/sys/class/net/eth0/address')).toContain('fa:16:3e:');
    const { exitCode } = await embedded.neutronium(['vm', 'exec', 'a', '--', 'sh', '-c', 'exit 7'], {
      anyExitCode: true,
    });
    expect(exitCode).toBe(7);
  });

  it('uses a port that there is, and gives it back', async () => {
    const made = await embedded.create<PortBody>('/v2.0/ports', {
      port: { network_id: (await network()).id, name: 'mine' },
    });
    await embedded.vm('add', 'b', '--port', 'mine');
    expect(await ports('name=mine')).toMatchObject([{ id: made.id, status: 'ACTIVE', device_owner: 'compute:nova' }]);
    await embedded.vm('rm', 'b');
    expect(await ports('name=mine')).toMatchObject([
      { id: made.id, device_id: '', device_owner: '', 'binding:host_id': '' },
    ]);
    expect(await traces('b')).toBe('');
  });

  it('gives an instance a device for each network and port, in their order, and the first leads everywhere', async () => {
    const { id: second } = await embedded.create<{ id: string }>('/v2.0/networks', { network: { name: 'net2' } });
    const subnet = { network_id: second, ip_version: 4, cidr: '10.2.0.0/24' };
    await embedded.create('/v2.0/subnets', { subnet });
    await embedded.create('/v2.0/ports', {
      port: { network_id: second, name: 'mine2', fixed_ips: [{ ip_address: '10.2.0.77' }] },
    });
    await embedded.vm('add', 'several', '--network', 'net1', '--port', 'mine2', '--network', 'net2');
    const inside = async (...command: readonly string[]) => (await embedded.inVm('several', command)).stdout;
    await embedded.until('an address on each device', async () => {
      const shown = await inside('ip', '-4', '-brief', 'address');
      return ['eth0 .* 10\\.0\\.0\\.', 'eth1 .* 10\\.2\\.0\\.77/', 'eth2 .* 10\\.2\\.0\\.'].every((line) =>
        new RegExp(line.replace(' ', '@')).test(shown.replaceAll(/(eth\d)\S*/g, '$1@')),
      );
    });
    expect(await inside('ip', 'route', 'get', '192.0.2.1')).toContain('dev eth0');
    expect(await embedded.vm('list')).toContain('10.2.0.77');
    const made = await ports('name=several');
    expect(made).toHaveLength(2);
    await embedded.vm('rm', 'several');
    expect(await traces('several')).toBe('');
    expect(await ports('name=several')).toEqual([]);
    expect(await ports('name=mine2')).toMatchObject([{ device_id: '', 'binding:host_id': '' }]);
    const plugged = await pluggedDevices();
    for (const { id } of made) expect(plugged).not.toContain(`tap${id}`.slice(0, 14));
  });

  it('has Open vSwitch choose queues as the port of an instance hints', async () => {
    const [port] = await ports('name=a');
    const steering = async () =>
      (await embedded.host.script(`ovs-vsctl get Interface tap${port?.id.slice(0, 11)} other_config`)).trim();
    const hint = (hints: object | null) => embedded.api('PUT', `/v2.0/ports/${port?.id}`, { port: { hints } });
    await hint({ openvswitch: { other_config: { 'tx-steering': 'hash' } } });
    await embedded.until('the hint on the interface', async () => (await steering()) === '{tx-steering=hash}');
    await hint(null);
    await embedded.until('no hint there', async () => (await steering()) === '{}');
  });

  it('removes an instance with everything that was made for it', async () => {
    const [port] = await ports('name=a');
    await embedded.vm('rm', 'a');
    expect(await traces('a')).toBe('');
    expect(await ports('name=a')).toEqual([]);
    expect(await pluggedDevices()).not.toContain(`tap${port?.id}`.slice(0, 14));
    expect(await refusal('rm', 'a')).toContain('there is no instance a');
  });

  it('plugs a device that somebody else has made', async () => {
    const port = await embedded.create<PortBody>('/v2.0/ports', {
      port: { network_id: (await network()).id, name: 'tap' },
    });
    await embedded.host.script('ip tuntap add dev mytap mode tap; ip link set mytap up');
    const { stdout } = await embedded.neutronium(['port', 'plug', 'tap', 'mytap']);
    expect(stdout).toContain(`it must send from ${port.mac_address}`.slice(3));
    expect(await ports('name=tap')).toMatchObject([{ status: 'ACTIVE' }]);
    const { stderr } = await embedded.neutronium(['port', 'plug', 'tap', 'nodevice'], { anyExitCode: true });
    expect(stderr).toContain('nodevice');
  });

  async function network(): Promise<{ readonly id: string }> {
    const { body } = await embedded.api('GET', '/v2.0/networks?name=net1');
    const [found] = body['networks'] as readonly { readonly id: string }[];
    if (found === undefined) throw new Error('net1 is gone');
    return found;
  }
});
