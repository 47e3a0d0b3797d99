import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { LabHost, missingForLab } from './host.ts';

describe.skipIf(missingForLab().length > 0)('lab host', () => {
  it('runs a switch of its own that forwards between two instances', async () => {
    await using host = await LabHost.start({ name: 'alpha' });
    await host.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev');
    await host.plugInstance({ netns: 'a', device: 'tapa', portId: 'a', mac: 'fa:16:3e:00:00:01' });
    await host.plugInstance({ netns: 'b', device: 'tapb', portId: 'b', mac: 'fa:16:3e:00:00:02' });
    await host.script('ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0');
    const ping = await host.run(['ping', '-c', '2', '-i', '0.2', '-w', '5', '10.0.0.2'], { netns: 'a' });
    expect(ping.stdout).toContain(' 0% packet loss');
  });

  it('keeps its names to itself', async () => {
    await using alpha = await LabHost.start({ name: 'alpha', openvswitch: false });
    await using beta = await LabHost.start({ name: 'beta', openvswitch: false });
    await alpha.script('ip netns add same; ip link add same type veth peer name other');
    await beta.script('ip netns add same; ip link add same type veth peer name other');
    expect((await alpha.script('hostname; ip netns list')).split('\n')).toEqual(['alpha', 'same', '']);
    expect((await beta.script('hostname; ip netns list')).split('\n')).toEqual(['beta', 'same', '']);
  });

  it('leaves nothing behind, whatever was started in it', async () => {
    const host = await LabHost.start({ openvswitch: false });
    // A daemon in a namespace and session of its own, told apart from everyone else's by its argument.
    const mark = `1000.${host.initPid}`;
    await host.script(`ip netns add x; ip netns exec x setsid sleep ${mark} >/dev/null 2>&1 &`);
    // The shell does not wait for what it has put into the background to become the daemon.
    await expect.poll(() => commandsWith(mark)).not.toEqual([]);
    await host.dispose();
    expect(await commandsWith(mark)).toEqual([]);
    expect(existsSync(host.dir)).toBe(false);
  });

  it('brings a killed daemon back', async () => {
    await using host = await LabHost.start();
    await host.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev');
    await host.killDaemon('ovs-vswitchd');
    await host.killDaemon('ovsdb-server');
    await host.startOvsdb();
    await host.startVswitchd();
    expect(await host.vsctl('list-br')).toBe('br-int');
  });
});

async function commandsWith(argument: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return commands.filter((command) => command.split('\0').includes(argument));
}
