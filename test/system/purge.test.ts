// `down --purge` removes every trace of ours, and nothing that is not ours.

import { afterEach, describe, expect, it } from 'vitest';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { makeNetwork } from './instances.ts';

let embedded: Embedded | undefined;
afterEach(async () => {
  await embedded?.[Symbol.asyncDispose]();
});

describe('down --purge', () => {
  it('leaves a machine as `up` found it', async () => {
    embedded = await Embedded.prepare();
    await makeForeignThings(embedded);
    const before = await traces(embedded);
    await embedded.up();
    await makeNetwork(embedded, 'net1');
    await embedded.vm('add', 'a', '--network', 'net1');
    expect(await traces(embedded)).not.toEqual(before);
    await embedded.neutronium(['down', '--purge']);
    expect(await traces(embedded)).toEqual(before);
  });

  it('does so after a kill -9 of everything that `up` runs, and of `up`', async () => {
    embedded = await Embedded.prepare();
    const before = await traces(embedded);
    await embedded.up();
    await makeNetwork(embedded, 'net1');
    await embedded.vm('add', 'a', '--network', 'net1');
    for (const name of ['up', 'server', 'agent']) await embedded.killProgram(`/run/neutronium/${name}.pid`);
    for (const daemon of ['ovs-vswitchd', 'ovsdb-server'])
      await embedded.killProgram(`${embedded.host.dir}/${daemon}.pid`);
    await embedded.neutronium(['down', '--purge']);
    expect(await traces(embedded)).toEqual(before);
  });

  it('empties a folder of state that is a file system of its own', async () => {
    embedded = await Embedded.prepare();
    const { host, stateDir } = embedded;
    await host.script(`mkdir -p ${stateDir} && mount -t tmpfs tmpfs ${stateDir}`);
    await embedded.up();
    await embedded.neutronium(['down', '--purge']);
    expect(await host.script(`ls -A ${stateDir}`)).toBe('');
    await host.script(`umount ${stateDir}`);
  });

  it('keeps what is in a switch that was there before', async () => {
    embedded = await Embedded.start({ switchOfItsOwn: true });
    const { host } = embedded;
    await host.vsctl('add-br', 'br-theirs', '--', 'set', 'bridge', 'br-theirs', 'datapath_type=netdev');
    const theirs = await host.vsctl('list-ports', 'br-theirs');
    await makeNetwork(embedded, 'net1');
    await embedded.vm('add', 'a', '--network', 'net1');
    await embedded.neutronium(['down', '--purge']);
    expect(await host.vsctl('list-br')).toBe('br-theirs');
    expect(await host.vsctl('list-ports', 'br-theirs')).toBe(theirs);
    expect(await host.ofctl(['dump-flows'], 'br-theirs')).toContain('NORMAL');
  });
});

/** A namespace with a process, a bridge and a device whose names look like ours. */
async function makeForeignThings(embedded: Embedded): Promise<void> {
  const { host } = embedded;
  await host.script(`
    ip netns add qdhcp-11111111-2222-3333-4444-555555555555
    ip netns add vm-theirs
    ip link add tap11111111-22 type veth peer name theirs0
    ip link add br-other type bridge
  `);
  host.spawn(['sleep', '300'], { netns: 'vm-theirs' });
  // For a moment it still is the command that starts it.
  await embedded.until('a process of theirs', async () => {
    return (await host.script('ps -eo args=')).split('\n').includes('sleep 300');
  });
}

/** What can be seen on the host: namespaces, devices, processes, files. */
async function traces({ host, stateDir }: Embedded): Promise<Record<string, string>> {
  const look = async (script: string) => (await host.script(script)).trim();
  return {
    namespaces: await look('ip netns list | sort'),
    devices: await look('ip -brief link | cut -d" " -f1 | sort'),
    // Without those that do the looking.
    processes: await look('ps -eo args= | grep -vE "^(sh -e|ps |grep |sort)|nsenter|door.ts" | sort'),
    files: await look(`find ${stateDir} /run /etc/netns -not -path '/run/netns*' 2>/dev/null | sort || true`),
  };
}
