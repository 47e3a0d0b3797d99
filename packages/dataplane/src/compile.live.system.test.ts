// Connections between real instances on a real Open vSwitch, while rules come and go.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewOf, type HostObject, type SecurityGroupRuleView } from '@neutronium/model/host-view';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { compile } from './compile.ts';
import { tapName } from './plan/device-names.ts';
import { group, id, inventory, network, plugged, port, rule } from './sample-host.ts';
import { replaceFlows } from './switch-under-test.ts';

const [client, server, neighbour] = [11, 12, 13];
const echoPort = 7000;
const outward = rule(1, { direction: 'egress' });
const echo = rule(2, { protocol: 6, port_range_min: echoPort, port_range_max: echoPort });

const forms = [
  { form: 'that one port has alone', neighbourGroups: [1] },
  { form: 'that two ports share', neighbourGroups: [2] },
];

describe.skipIf(missingForLab().length > 0)('a connection between instances', () => {
  let host: LabHost;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'alpha' });
    await host.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev', 'fail_mode=secure');
    await host.vsctl('set', 'Bridge', 'br-int', 'protocols=[OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15]');
    for (const digits of [client, server, neighbour]) {
      const { mac_address: mac, id: portId } = port(digits);
      await host.plugInstance({ netns: `vm${digits}`, device: tapName(portId), portId, mac });
      await host.vsctl('set', 'Port', tapName(portId), 'tag=1');
      await host.script(`ip -n vm${digits} addr add 10.0.0.${digits}/24 dev eth0`);
    }
    const echoes = `require('net').createServer((socket) => socket.pipe(socket)).listen(${echoPort})`;
    host.spawn([process.execPath, '-e', echoes], { netns: `vm${server}` });
    await until('that the server listens', async () => {
      const { stdout } = await host.run(['ss', '--listening', '--tcp', '--numeric'], { netns: `vm${server}` });
      return stdout.includes(`:${echoPort}`);
    });
  });

  afterAll(async () => {
    await host?.dispose();
  });

  async function applyRules(
    serverRules: readonly SecurityGroupRuleView[],
    neighbourGroups: readonly number[],
    { stateful = true } = {},
  ) {
    const ports = await Promise.all(
      [client, server, neighbour].map(async (digits) =>
        plugged(digits, Number(await host.vsctl('get', 'Interface', tapName(id('port', digits)), 'ofport'))),
      ),
    );
    const groupsOf = (all: readonly number[]) => ({ security_groups: all.map((each) => id('group', each)) });
    const objects: readonly HostObject[] = [
      network(1),
      port(client, groupsOf([1])),
      port(server, groupsOf([2])),
      port(neighbour, groupsOf(neighbourGroups)),
      group(1, [outward]),
      group(2, serverRules, { stateful }),
    ];
    const bare = { bridgeMappings: new Map(), patchPorts: new Map() };
    await replaceFlows(host, compile(viewOf(1, objects), inventory(ports, bare)));
  }

  async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    for (let tries = 0; !(await holds()); tries += 1) {
      if (tries > 500) throw new Error(`not within 10 s: ${what}\n${await connections()}`);
      await delay(20);
    }
  }

  async function connections(): Promise<string> {
    return await host.appctl('dpctl/dump-conntrack', 'zone=1');
  }

  function connect(): { readonly say: (text: string) => void; readonly heard: () => string; readonly end: () => void } {
    const talks = `const socket = require('net').connect(${echoPort}, '10.0.0.${server}');
      process.stdin.pipe(socket).pipe(process.stdout);`;
    const program = host.spawn([process.execPath, '-e', talks], { netns: `vm${client}` });
    let heard = '';
    program.stdout?.setEncoding('utf8').on('data', (text: string) => (heard += text));
    return { say: (text) => program.stdin?.write(text), heard: () => heard, end: () => program.kill() };
  }

  async function retransmits(): Promise<boolean> {
    const { stdout } = await host.run(['ss', '--tcp', '--info', '--numeric'], { netns: `vm${client}` });
    return / retrans:/.test(stdout);
  }

  it.each(forms)('ends with its rule, and lives again when a rule allows it again, in a group $form', async (given) => {
    const apply = (rules: readonly SecurityGroupRuleView[]) => applyRules(rules, given.neighbourGroups);
    await apply([echo]);
    const connection = connect();
    connection.say('one\n');
    await until('the echo of one', () => connection.heard() === 'one\n');

    await apply([]);
    await until('the mark of a cut connection', async () => {
      // The switch takes a moment until its caches follow its flows.
      connection.say('.');
      return (await connections()).includes('mark=1');
    });
    connection.say('two\n');
    await until('a packet that is not answered', retransmits);
    expect(connection.heard()).not.toContain('two');

    await apply([echo]);
    await until('the echo of two', () => connection.heard().includes('two'));
    expect(await connections()).not.toContain('mark=1');
    connection.end();
  });

  it('with a port of a stateless group needs a rule for the answers', async () => {
    await applyRules([echo], [1], { stateful: false });
    const connection = connect();
    connection.say('one\n');
    await until('a first packet', async () => (await connections()).includes('SYN_SENT'));
    expect(connection.heard()).toBe('');
    await applyRules([echo, outward], [1], { stateful: false });
    await until('the echo of one', () => connection.heard() === 'one\n');
    connection.end();
  });

  it('is not opened to a port that no rule allows', async () => {
    await applyRules([], [1]);
    const connection = connect();
    await until('a packet that is not answered', retransmits);
    expect(await connections()).not.toMatch(/SYN|ESTABLISHED/);
    connection.end();
  });
});
