// Open vSwitch is the judge: what we encode it accepts, what it sends back decodes to what was meant, and our text of
// a flow is its own.

import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cidr } from '@neutronium/net/cidr';
import { ip, ipToBigInt } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import {
  ct,
  ctClear,
  load,
  move,
  normal,
  output,
  popVlan,
  pushVlan,
  setField,
  setVlan,
  type Action,
} from '../action.ts';
import { tagged, untagged, whole } from '../field.ts';
import { arbitraryFlows } from '../flow-arbitraries.ts';
import { flowDifference, flowSet, type Flow, type FlowRule } from '../flow.ts';
import { arp, ipv4, ipv6, match, neighborAdvertisement, protocol, type Match } from '../match.ts';
import { ctState } from '../match-text.ts';
import { renderFlow } from '../render.ts';
import {
  encodeBarrier,
  encodeBundleAdd,
  encodeBundleControl,
  encodeEchoReply,
  encodeHello,
} from './control-messages.ts';
import { decodeMessage, type Message } from './decode.ts';
import {
  canonicalFlow,
  encodeFlowAdd,
  encodeFlowDelete,
  encodeFlowDeleteByCookie,
  encodeFlowStatsRequest,
  type InstalledFlow,
} from './flow-messages.ts';
import { splitMessages } from './header.ts';

/** One flow for each thing that the language can say. */
const vocabulary: readonly Flow[] = [
  flow(1, match({}), [normal]),
  flow(2, match({ in_port: 7, vlan_vid: untagged }), [pushVlan, setVlan(5), { kind: 'goto', table: 59 }]),
  flow(3, match({ vlan_vid: tagged(4095) }), []),
  flow(4, match({ in_port: 2, vlan_vid: tagged(101), vlan_pcp: 3 }), [popVlan, output(9)]),
  flow(5, arp({ in_port: 3, arp_spa: cidr('10.0.0.0/24'), arp_sha: mac('fa:16:3e:00:00:01'), arp_op: 2 }), [
    { kind: 'resubmit', table: 81, inPort: null },
    { kind: 'resubmit', table: 81, inPort: 4 },
  ]),
  flow(6, neighborAdvertisement({ nd_target: ip('fe80::1'), eth_src: mac('fa:16:3e:00:00:01') }), [
    { kind: 'goto', table: 25 },
  ]),
  flow(7, match({ eth_dst: { value: 1n << 40n, mask: 1n << 40n } }), [
    output('FLOOD'),
    output('IN_PORT'),
    output('LOCAL'),
  ]),
  flow(8, ipv4({ reg5: 0xb, eth_src: mac('fa:16:3e:6c:33:bb'), ip_src: ip('10.0.0.32') }), [
    ct({ zone: { field: 'reg6', start: 0, bits: 16 }, table: 72 }),
  ]),
  flow(9, ipv6({ ct_state: ctState({ est: true, rel: false, rpl: true }), ct_mark: 0, ct_zone: 1, reg5: 0xb }), [
    ct({ zone: 7, commit: true, force: true, exec: [setField('ct_mark', 1)] }),
    ctClear,
  ]),
  flow(10, ipv4({ ip_proto: protocol.tcp, tcp_dst: { value: 0x1f40n, mask: 0xfff8n }, ip_dscp: 26 }), [
    { kind: 'conjunction', id: 16, clause: 2, clauses: 2 },
  ]),
  flow(11, match({ conj_id: 16, eth_type: 0x0800 }), [
    load(1, { field: 'reg3', start: 0, bits: 1 }),
    load(0xff, 'reg4'),
    move(whole('eth_src'), whole('eth_dst')),
    { kind: 'output_slice', from: whole('reg5') },
  ]),
  flow(12, ipv4({ ip_proto: protocol.icmp, icmp_type: 8 }), [
    { kind: 'dec_ttl' },
    { kind: 'set_queue', queue: 1 },
    normal,
  ]),
  flow(13, match({ tun_id: 42, vlan_vid: untagged }), [
    {
      kind: 'learn',
      table: 20,
      priority: 1,
      idleTimeoutSeconds: 0,
      hardTimeoutSeconds: 300,
      specs: [
        {
          kind: 'match_field',
          from: { field: 'vlan_tci', start: 0, bits: 12 },
          to: { field: 'vlan_tci', start: 0, bits: 12 },
        },
        { kind: 'match_field', from: whole('eth_src'), to: whole('eth_dst') },
        { kind: 'load_value', value: 0n, to: whole('vlan_tci') },
        { kind: 'load_field', from: whole('tun_id'), to: whole('tun_id') },
        { kind: 'output', from: whole('in_port') },
      ],
    },
    setField('tun_id', 42),
    output(3),
  ]),
  flow(14, ipv4({ ip_dst: cidr('192.0.2.0/25'), metadata: 5, pkt_mark: 3 }), [
    ct({
      zone: 1,
      commit: true,
      nat: { direction: 'src', address: address4('192.0.2.1'), ports: { first: 1024, last: 2048 } },
    }),
    ct({ zone: 1, nat: { direction: null, address: null, ports: null } }),
  ]),
  flow(15, ipv6({ ipv6_dst: cidr('2001:db8::/32'), ip_proto: protocol.udp, udp_src: 546, udp_dst: 547 }), [
    setField('eth_src', mac('fa:16:3e:00:00:02')),
    setField('ipv6_dst', ipToBigInt(ip('2001:db8::5'))),
    output('CONTROLLER'),
  ]),
];

function flow(priority: number, tests: Match, actions: readonly Action[]): Flow {
  return { table: 10, priority, match: tests, actions, of: 'a test', why: 'a test' };
}

function address4(text: string): { readonly family: 4; readonly first: bigint; readonly last: bigint } {
  const value = ipToBigInt(ip(text));
  return { family: 4, first: value, last: value };
}

describe.skipIf(missingForLab().length > 0)('flows on Open vSwitch', () => {
  let host: LabHost;
  let peer: Peer;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'judge' });
    await host.vsctl('add-br', 'br0', '--', 'set', 'Bridge', 'br0', 'datapath_type=netdev', 'fail_mode=secure');
    await host.vsctl('set', 'Bridge', 'br0', 'protocols=[OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15]');
    peer = await Peer.connect(join(host.switch.runDir, 'br0.mgmt'));
  });

  afterAll(async () => {
    peer?.close();
    await host?.dispose();
  });

  it('are accepted and come back as they were meant', async () => {
    expect(await peer.replace(vocabulary)).toEqual([]);
    const { add, remove } = flowDifference(flowSet(vocabulary), await peer.rules());
    expect({ add: add.map(renderFlow), remove: remove.map(renderFlow) }).toEqual({ add: [], remove: [] });
  });

  it('are written as the switch itself writes them', async () => {
    await peer.replace(vocabulary);
    const dump = await host.ofctl(['dump-flows', '--no-stats', '--no-names'], 'br0');
    const lines = dump.split('\n').filter((line) => line.includes('actions='));
    // Cookies are the agent's business and no part of a flow; a learn action hands its own on.
    expect(lines.map((line) => line.trim().replaceAll(/\bcookie=[^,]*, ?/g, '')).toSorted()).toEqual(
      vocabulary.map(renderFlow).toSorted(),
    );
  });

  it('are read by ovs-ofctl from our text', async () => {
    await peer.replace([]);
    const text = vocabulary.map((each) => `${renderFlow(each)} # ${each.why}\n`).join('');
    await host.run(
      ['ovs-ofctl', '-O', 'OpenFlow14', '--bundle', 'replace-flows', `unix:${host.switch.runDir}/br0.mgmt`, '-'],
      {
        stdin: text,
      },
    );
    const { add, remove } = flowDifference(flowSet(vocabulary), await peer.rules());
    expect({ add: add.map(renderFlow), remove: remove.map(renderFlow) }).toEqual({ add: [], remove: [] });
  });

  it('of any kind come back as they were meant', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryFlows, async (flows) => {
        expect(await peer.replace(flows)).toEqual([]);
        const { add, remove } = flowDifference(flowSet(flows), await peer.rules());
        expect([...add, ...remove].map(renderFlow)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('are removed one by one, also by the bytes that the switch gave for their match', async () => {
    await peer.replace(vocabulary);
    const [first, ...others] = await peer.installed();
    if (first === undefined) throw new Error('no flow');
    await peer.send(encodeFlowDelete(peer.xid(), first));
    expect(await peer.installed()).toHaveLength(others.length);
    await peer.send(encodeFlowDelete(peer.xid(), canonicalFlow(others[0] ?? first) ?? vocabularyFlow()));
    expect(await peer.installed()).toHaveLength(others.length - 1);
  });

  it('that the switch refuses are reported by name and leave the bundle without effect when it is discarded', async () => {
    await peer.replace([]);
    const withoutPrerequisite: FlowRule = { ...vocabularyFlow(), match: {}, actions: [ct({ zone: 1, commit: true })] };
    const errors = await peer.replace([{ ...withoutPrerequisite, of: '', why: '' }]);
    expect(errors).toEqual(['OFPET_BAD_ACTION OFPBAC_MATCH_INCONSISTENT']);
    expect(await peer.installed()).toEqual([]);
  });
});

function vocabularyFlow(): Flow {
  return flow(1, match({}), [normal]);
}

/** The smallest OpenFlow controller that can hold a conversation. */
class Peer {
  readonly #socket: Socket;
  #rest: Uint8Array = new Uint8Array();
  #messages: Message[] = [];
  #wake: () => void = () => undefined;
  #nextXid = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  static async connect(path: string): Promise<Peer> {
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const peer = new Peer(socket);
    socket.write(encodeHello(peer.xid()));
    await peer.#next((message) => message.kind === 'hello');
    return peer;
  }

  xid(): number {
    return this.#nextXid++;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Sends messages and gives the errors that came before the switch was done with them. */
  async send(...messages: readonly Uint8Array[]): Promise<readonly string[]> {
    const barrier = this.xid();
    for (const message of messages) this.#socket.write(message);
    this.#socket.write(encodeBarrier(barrier));
    const errors: string[] = [];
    for (;;) {
      const message = await this.#next((each) => each.kind === 'error' || each.kind === 'barrier_reply');
      if (message.kind === 'error') errors.push(message.name);
      else if (message.xid === barrier) return errors;
    }
  }

  /** Makes the bridge hold exactly those flows, in one bundle; nothing changes when one of them is refused. */
  async replace(flows: readonly Flow[]): Promise<readonly string[]> {
    const bundle = this.xid();
    await this.send(encodeBundleControl(this.xid(), bundle, 'open_request'));
    const errors = await this.send(
      encodeBundleAdd(bundle, encodeFlowDeleteByCookie(this.xid(), 0n, 0n)),
      ...flows.map((each) => encodeBundleAdd(bundle, encodeFlowAdd(this.xid(), each, 0x4e65n))),
    );
    await this.send(
      encodeBundleControl(this.xid(), bundle, errors.length === 0 ? 'commit_request' : 'discard_request'),
    );
    return errors;
  }

  async installed(): Promise<readonly InstalledFlow[]> {
    this.#socket.write(encodeFlowStatsRequest(this.xid()));
    const flows: InstalledFlow[] = [];
    for (;;) {
      const message = await this.#next((each) => each.kind === 'flow_stats');
      if (message.kind !== 'flow_stats') continue;
      flows.push(...message.flows);
      if (!message.more) return flows;
    }
  }

  async rules(): Promise<readonly FlowRule[]> {
    return (await this.installed()).map((each) => {
      const rule = canonicalFlow(each);
      if (rule === null) throw new Error(`a flow of table ${each.table} that cannot be read`);
      return rule;
    });
  }

  #receive(chunk: Uint8Array): void {
    const { messages, rest } = splitMessages(Buffer.concat([this.#rest, chunk]));
    this.#rest = rest;
    for (const bytes of messages) {
      const message = decodeMessage(bytes);
      if (message.kind === 'echo_request') this.#socket.write(encodeEchoReply(message.xid, message.data));
      this.#messages.push(message);
    }
    this.#wake();
  }

  async #next(wanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const index = this.#messages.findIndex(wanted);
      const [message] = index === -1 ? [] : this.#messages.splice(index, 1);
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
