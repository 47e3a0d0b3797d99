// Three hosts, and networks of every type between them: instances reach each other, and what is on the wires says whose
// it is and nothing else.

import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology, type LabTopology } from '@neutronium/cli/lab/topology';
import { addInstances, type LabInstance, type LabPort } from '@neutronium/testkit/lab/lab-instances';
import { recordFrames, type WireFrame } from '@neutronium/testkit/lab/wire-frames';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const topology: LabTopology = {
  ...plainTopology(0),
  hosts: ['h1', 'h2', 'h3'].map((name) => ({ name, physicalNetworks: ['physnet1', 'physnet2'] })),
  physicalNetworks: [
    { name: 'physnet1', outside: [] },
    { name: 'physnet2', outside: [] },
  ],
};

/** How a network lies between hosts; `wire` is where its frames can be seen. */
interface Segment {
  readonly type: 'flat' | 'vlan' | 'gre' | 'vxlan';
  readonly physnet?: string;
  readonly id?: number;
  readonly wire: string;
}

/** For each type a network of each of two tenants. */
const segments: readonly { readonly red: Segment; readonly blue: Segment }[] = [
  {
    red: { type: 'flat', physnet: 'physnet1', wire: 'physnet1' },
    blue: { type: 'flat', physnet: 'physnet2', wire: 'physnet2' },
  },
  {
    red: { type: 'vlan', physnet: 'physnet1', id: 601, wire: 'physnet1' },
    blue: { type: 'vlan', physnet: 'physnet1', id: 602, wire: 'physnet1' },
  },
  { red: { type: 'gre', id: 70_001, wire: 'underlay' }, blue: { type: 'gre', id: 70_002, wire: 'underlay' } },
  { red: { type: 'vxlan', id: 80_001, wire: 'underlay' }, blue: { type: 'vxlan', id: 80_002, wire: 'underlay' } },
];

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start(topology);
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

describe.each(segments)('two tenants with the same addresses on $red.type networks', ({ red, blue }) => {
  let redNetwork: string;
  let ofRed: readonly LabInstance[];
  let ofBlue: readonly LabInstance[];

  beforeAll(async () => {
    const network = async (tenant: 'red' | 'blue', segment: Segment): Promise<string> => {
      const api = await lab.api();
      const project_id = await (await lab.api(tenant === 'red' ? 'neutronium' : 'demo')).projectId();
      const { id } = await api.expect<{ id: string }>('POST', '/networks', {
        network: {
          name: `${tenant}-${segment.type}`,
          project_id,
          'provider:network_type': segment.type,
          ...(segment.physnet !== undefined && { 'provider:physical_network': segment.physnet }),
          ...(segment.id !== undefined && { 'provider:segmentation_id': segment.id }),
        },
      });
      for (const subnet of [
        { ip_version: 4, cidr: '10.0.0.0/24' },
        { ip_version: 6, cidr: 'fd00:10::/64', enable_dhcp: false },
      ]) {
        await api.expect('POST', '/subnets', { subnet: { network_id: id, project_id, ...subnet } });
      }
      return id;
    };
    redNetwork = await network('red', red);
    const blueNetwork = await network('blue', blue);
    const plan = (tenant: 'red' | 'blue', networkId: string, hosts: readonly string[]) =>
      hosts.map((host) => ({ name: `${tenant}-${segmentName}-${host}`, host, networkId }));
    const segmentName = red.type;
    const all = await addInstances(lab, [
      ...plan('red', redNetwork, ['h1', 'h2']),
      ...plan('blue', blueNetwork, ['h2', 'h3']),
    ]);
    await Promise.all(
      all.map(async (instance) => {
        await instance.askForAddress();
        await instance.run(['ip', 'addr', 'add', `${instance.address(6)}/64`, 'dev', 'eth0', 'nodad']);
      }),
    );
    [ofRed, ofBlue] = [all.slice(0, 2), all.slice(2)];
  });

  const pairs = (): readonly (readonly [LabInstance, LabInstance])[] =>
    [ofRed, ofBlue].map(([one, other]) => {
      if (one === undefined || other === undefined) throw new Error('a tenant has fewer than two instances');
      return [one, other];
    });

  it('have the addresses of their ports by DHCP, and an MTU that the wire carries', async () => {
    for (const instance of [...ofRed, ...ofBlue]) {
      const { stdout } = await instance.run(['ip', 'addr', 'show', 'dev', 'eth0']);
      expect(stdout).toContain(`inet ${instance.address(4)}/24`);
      expect(stdout).toContain(`mtu ${{ flat: 1500, vlan: 1500, gre: 1458, vxlan: 1450 }[red.type]} `);
    }
  });

  it('ping between hosts, with packets as large as the MTU allows, by IPv4 and IPv6', async () => {
    const mtu = { flat: 1500, vlan: 1500, gre: 1458, vxlan: 1450 }[red.type];
    for (const [one, other] of pairs()) {
      expect(await one.ping(other.address(4))).toBe(3);
      expect(await other.ping(one.address(6))).toBe(3);
      const whole = ['ping', '-c', '1', '-W', '2', '-M', 'do', '-s', String(mtu - 28), other.address(4)];
      expect((await one.run(whole)).stdout).toContain('1 received');
    }
  });

  it('send 10 MB by TCP between hosts without a wrong byte', async () => {
    for (const [one, other] of pairs()) expect(await transfer(one, other)).toBe(transferred);
  });

  it('are told apart on the wire by the id that the network was given, and by nothing of a host', async () => {
    const frames = await onTheWire(red.wire, async () => {
      for (const [one, other] of pairs()) {
        await one.ping(other.address(4));
        await one.ping('10.0.0.99', 3);
      }
    });
    const carrier = red.type === 'flat' ? 'untagged' : red.type;
    const of = (instances: readonly LabInstance[]) =>
      frames.filter(({ source }) => instances.some(({ mac }) => mac === source));
    const ids = (instances: readonly LabInstance[]) =>
      new Set(of(instances).map((frame) => `${frame.carrier} ${frame.id} ${frame.innerVlan}`));
    expect(ids(ofRed)).toEqual(new Set([`${carrier} ${red.id ?? null} null`]));
    if (blue.wire === red.wire) expect(ids(ofBlue)).toEqual(new Set([`${carrier} ${blue.id ?? null} null`]));
    else expect(of(ofBlue)).toEqual([]);
  });

  it('never see a frame of the other, while a broadcast reaches all of their own', async () => {
    const [[sender, peer]] = pairs() as [readonly [LabInstance, LabInstance]];
    const recordings = await Promise.all([peer, ...ofBlue].map((instance) => recordAt(instance)));
    // Nobody has this address, so the packets become broadcast questions for it. Each test asks for another one: Linux
    // pauses between its questions for the same.
    await sender.ping('10.0.0.98', 3);
    const [byPeer, ...byOthers] = await Promise.all(recordings.map((recording) => recording.stop()));
    const fromSender = (frames: readonly WireFrame[] = []) => frames.filter(({ source }) => source === sender.mac);
    expect(fromSender(byPeer).length).toBeGreaterThan(0);
    for (const frames of byOthers) expect(fromSender(frames)).toEqual([]);
  });

  if (red.wire !== 'underlay') return;

  it('go to hosts with ports of their network only, and ask nobody who has a known address', async () => {
    const [[sender, peer]] = pairs() as [readonly [LabInstance, LabInstance]];
    const ports = await (await lab.api()).expect<readonly LabPort[]>('GET', `/ports?network_id=${redNetwork}`);
    const concerned = new Set(ports.map((port) => underlayAddress(port['binding:host_id'])));
    await sender.run(['ip', 'neigh', 'flush', 'all']);
    const frames = await onTheWire('underlay', async () => {
      expect(await sender.ping(peer.address(4), 1)).toBe(1);
      await sender.ping('10.0.0.97', 3);
    });
    const sent = frames.filter(({ source }) => source === sender.mac);
    const broadcasts = sent.filter(({ destination }) => destination === 'ff:ff:ff:ff:ff:ff');
    const others = new Set([...concerned].filter((address) => address !== underlayAddress(sender.host)));
    expect(new Set(broadcasts.map(({ tunnelTo }) => tunnelTo))).toEqual(others);
    const unicasts = sent.filter(({ destination }) => destination === peer.mac);
    expect(new Set(unicasts.map(({ tunnelTo }) => tunnelTo))).toEqual(new Set([underlayAddress(peer.host)]));
    expect(new Set(broadcasts.map(({ asksFor }) => asksFor))).toEqual(new Set(['10.0.0.97']));
  });
});

function underlayAddress(host: string): string {
  return `198.18.1.${topology.hosts.findIndex(({ name }) => name === host) + 2}`;
}

async function onTheWire(wire: string, traffic: () => Promise<void>): Promise<readonly WireFrame[]> {
  const recording = await recordFrames(lab.fabric.host, wire);
  await traffic();
  return await recording.stop();
}

async function recordAt(instance: LabInstance): Promise<{ stop(): Promise<readonly WireFrame[]> }> {
  return await recordFrames(lab.host(instance.host), `tap${instance.port.id}`.slice(0, 14));
}

const size = 10 * 1024 * 1024;
/** What the receiver prints: the number of bytes, and their sum. */
const transferred = `${size} ${size * 0x5a}\n`;

/** Sends 10 MB from one instance to the other and gives what the receiver counted. */
async function transfer(from: LabInstance, to: LabInstance): Promise<string> {
  const receive = `
    let bytes = 0, sum = 0;
    require('net').createServer((socket) => {
      socket.on('data', (part) => { bytes += part.length; for (const byte of part) sum += byte; });
      socket.on('end', () => { console.log(bytes, sum); process.exit(); });
    }).listen(5001, '0.0.0.0', () => console.error('listening'));`;
  const send = `
    require('net').connect(5001, process.argv[1], function () { this.end(Buffer.alloc(${size}, 0x5a)); });`;
  const receiver = lab.host(to.host).spawn([process.execPath, '-e', receive], { netns: to.name });
  let counted = '';
  receiver.stdout?.setEncoding('utf8').on('data', (text: string) => (counted += text));
  const ended = new Promise<void>((resolve) => void receiver.once('close', () => resolve()));
  await new Promise<void>((resolve) => void receiver.stderr?.once('data', () => resolve()));
  await from.run([process.execPath, '-e', send, to.address(4)]);
  await ended;
  return counted;
}
