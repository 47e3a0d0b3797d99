import type { ConnectionPlan } from '@neutronium/dataplane/firewall/hybrid/connections';
import { hybridFirewall } from '@neutronium/dataplane/firewall/hybrid/hybrid';
import { cutMark } from '@neutronium/dataplane/firewall/hybrid/port-chains';
import { group, groupId, hybridInventory, hybridPlugged, rule } from '@neutronium/dataplane/firewall/hybrid/sample';
import { network, port } from '@neutronium/dataplane/sample-host';
import { viewOf } from '@neutronium/model/host-view';
import { describe, expect, it } from 'vitest';
import { FakeExec } from '#effects/exec.fake';
import { converge } from '../converge.fake.ts';
import { Connections } from './connections.ts';

/** Connection tracking that holds lines of `conntrack -L` and knows what was ended by zone and destination port. */
class Tracking {
  readonly entries = new Set<string>();
  looks = 0;
  /** How many packets of the instance come just when their connection has been ended, and begin it the other way. */
  revives = 0;
  readonly exec = new FakeExec({
    conntrack: async ({ argv, stdin }) => {
      if (argv[1] === '-L') {
        this.looks += 1;
        return { stdout: [...this.entries].join('\n') };
      }
      for (const command of stdin.split('\n')) this.#carryOut(command);
      return {};
    },
  });

  begin(zone: number, destinationPort: number, mark = 0): void {
    this.entries.add(
      `tcp 6 99 ESTABLISHED src=192.0.2.1 dst=10.0.0.11 sport=1 dport=${destinationPort} src=10.0.0.11 dst=192.0.2.1 sport=${destinationPort} dport=1 mark=${mark} zone=${zone} use=1`,
    );
  }

  get zones(): readonly string[] {
    return [...this.entries].map((line) => `${/zone=(\d+)/.exec(line)?.[1]}${line.includes('mark=0') ? '' : ' cut'}`);
  }

  /** The same exchange, begun by the instance. */
  #beginReversed(zone: number, port: number): void {
    this.entries.add(
      `tcp 6 99 ESTABLISHED src=10.0.0.11 dst=192.0.2.1 sport=${port} dport=1 src=192.0.2.1 dst=10.0.0.11 sport=1 dport=${port} mark=0 zone=${zone} use=1`,
    );
  }

  #carryOut(command: string): void {
    const word = (option: string): string => new RegExp(`${option} (\\S+)`).exec(command)?.[1] ?? '';
    const [zone, from, to] = [word('-w'), word('--orig-port-src'), word('--orig-port-dst')];
    const port = Number(from === '1' ? to : from);
    const exchange = [...this.entries].filter(
      (line) => line.includes(`port=${port} `) && line.includes(`zone=${zone} `),
    );
    const named = exchange.find((line) => line.includes(` sport=${from} dport=${to} src=`));
    if (command.startsWith('-D') && named !== undefined) {
      this.entries.delete(named);
      if (this.revives > 0) this.#beginReversed(Number(zone), port);
      this.revives -= 1;
    }
    // Either direction takes the place of the other.
    if (command.startsWith('-A') && exchange.length === 0) this.begin(Number(zone), port, cutMark);
  }
}

/** The plans of ports with those digits, which admit TCP to those ports. */
function plans(digits: readonly number[], admitted: readonly number[]): readonly ConnectionPlan[] {
  const ingress = admitted.map((each) => rule(each, { protocol: 6, port_range_min: each, port_range_max: each }));
  const rules = [...ingress, rule(1, { direction: 'egress' })];
  const view = viewOf(1, [
    network(1),
    group(1, rules),
    ...digits.map((each) => port(each, { security_groups: [groupId(1)] })),
  ]);
  return hybridFirewall(view, hybridInventory(digits.map((each) => hybridPlugged(each, each)))).connections;
}

describe('tracked connections', () => {
  it('that are no longer admitted are cut, and those of others are left', async () => {
    const tracking = new Tracking();
    const target = new Connections(tracking);
    await converge(target, plans([11], [22, 80]));
    tracking.begin(4097, 22);
    tracking.begin(4097, 80);
    tracking.begin(1, 22);
    await converge(target, plans([11], [80]));
    expect(tracking.zones.toSorted()).toEqual(['1', '4097', '4097 cut']);
  });

  it('are not looked at while nothing that admits them changes', async () => {
    const tracking = new Tracking();
    const target = new Connections(tracking);
    const wanted = plans([11, 12], [22]);
    await converge(target, wanted);
    const { looks } = tracking;
    expect(await converge(target, wanted)).toEqual([]);
    expect(tracking.looks).toBe(looks);
  });

  it('that begin anew while they are cut, by whomever, are cut again', async () => {
    const tracking = new Tracking();
    const target = new Connections(tracking);
    tracking.begin(4097, 22);
    tracking.revives = 2;
    await converge(target, plans([11], []));
    expect(tracking.zones).toEqual(['4097 cut']);
  });

  it('that cannot be cut are a failure, and are tried again', async () => {
    const tracking = new Tracking();
    const target = new Connections(tracking);
    tracking.begin(4097, 22);
    tracking.revives = 100;
    await expect(converge(target, plans([11], []))).rejects.toThrow('come back');
    tracking.revives = 0;
    expect(await converge(target, plans([11], []))).toHaveLength(1);
    expect(tracking.zones).toEqual(['4097 cut']);
  });

  it('of a port that is gone do not become those of the next that has its zone', async () => {
    const tracking = new Tracking();
    const target = new Connections(tracking);
    await converge(target, plans([11], [22]));
    tracking.begin(4097, 22);
    await converge(target, plans([12], [22]));
    expect(tracking.zones).toEqual([]);
  });

  it('of ports that an earlier agent knew end when a new one begins', async () => {
    const tracking = new Tracking();
    tracking.begin(4097, 22);
    tracking.begin(4500, 22);
    tracking.begin(7, 22);
    await converge(new Connections(tracking), plans([11], [22]));
    expect(tracking.zones.toSorted()).toEqual(['4097', '7']);
  });
});
