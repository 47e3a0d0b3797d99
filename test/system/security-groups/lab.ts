// The whole product with one of the firewall drivers, and a tenant who makes groups, rules, ports and instances.

import type { FirewallDriver } from '@neutronium/dataplane/host-plan';
import { firewallDrivers } from '@neutronium/dataplane/host-plan';
import type { FlowEntry } from '@neutronium/model/agent-socket';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { missingForLab } from '@neutronium/cli/lab/host';
import { afterAll, beforeAll, describe } from 'vitest';
import { SpeakingInstance, type InstanceFacts } from '@neutronium/testkit/lab/speaking-instance';

const tenant = 'demo';

/** A rule as the Networking API takes it, but for its group. */
export interface RuleBody {
  readonly direction?: 'ingress' | 'egress';
  readonly ethertype?: 'IPv4' | 'IPv6';
  readonly protocol?: string;
  readonly port_range_min?: number;
  readonly port_range_max?: number;
  readonly remote_ip_prefix?: string;
  readonly remote_group_id?: string;
  readonly remote_address_group_id?: string;
}

interface PortAnswer {
  readonly id: string;
  readonly mac_address: string;
  readonly fixed_ips: readonly { readonly ip_address: string }[];
}

/** Runs `suite` once for each firewall driver; the lab is there when its tests run. */
export function withLabs(suite: (lab: () => SecurityLab, driver: FirewallDriver) => void): void {
  describe.skipIf(missingForLab().length > 0).each(firewallDrivers)('with %s', (driver) => {
    let lab: SecurityLab | undefined;
    beforeAll(async () => {
      lab = await SecurityLab.start(driver);
    });
    afterAll(async () => lab?.embedded[Symbol.asyncDispose]());
    suite(() => {
      if (lab === undefined) throw new Error('the lab is there when tests run, not earlier');
      return lab;
    }, driver);
  });
}

export class SecurityLab {
  readonly embedded: Embedded;
  readonly driver: FirewallDriver;
  readonly network: string;

  private constructor(parts: { embedded: Embedded; driver: FirewallDriver; network: string }) {
    this.embedded = parts.embedded;
    this.driver = parts.driver;
    this.network = parts.network;
  }

  /** With one network of both families and no DHCP: instances are given their addresses when they are made. */
  static async start(driver: FirewallDriver, configuration = ''): Promise<SecurityLab> {
    const config = `
      [securitygroup]
      firewall_driver = "${driver}"
      [quotas]
      security_group = -1
      security_group_rule = -1
      ${configuration}`;
    const embedded = await Embedded.start({ config });
    const { id } = await embedded.create<{ id: string }>('/v2.0/networks', { network: {} }, tenant);
    for (const [ip_version, cidr] of [
      [4, '10.0.0.0/24'],
      [6, 'fd00::/64'],
    ]) {
      const subnet = { network_id: id, ip_version, cidr, enable_dhcp: false };
      await embedded.create('/v2.0/subnets', { subnet }, tenant);
    }
    return new SecurityLab({ embedded, driver, network: id });
  }

  /** A port of the tenant's; without `security_groups`, with the default group. */
  async port(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<InstanceFacts> {
    const port = await this.#create<PortAnswer>('port', { network_id: this.network, name, ...more });
    const address = (wanted: (text: string) => boolean): string =>
      port.fixed_ips.map(({ ip_address }) => ip_address).find(wanted) ?? '';
    return {
      name,
      portId: port.id,
      mac: port.mac_address,
      ip4: address((text) => text.includes('.')),
      ip6: address((text) => text.includes(':')),
    };
  }

  /** A running instance on a port of its own. */
  async instance(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<SpeakingInstance> {
    return await SpeakingInstance.start(this.embedded, await this.port(name, more), tenant);
  }

  /** Takes the instance away, and its port. */
  async removeInstance({ name, portId }: InstanceFacts): Promise<void> {
    await this.embedded.vm('rm', name);
    await this.remove('ports', portId);
  }

  /** A group with the two rules by which everything may leave, and `rules`; its id. */
  async group(name: string, rules: readonly RuleBody[] = [], more: Readonly<Record<string, unknown>> = {}) {
    const { id } = await this.#create<{ id: string }>('security_group', { name, ...more });
    for (const rule of rules) await this.rule(id, rule);
    return id;
  }

  /** Adds an ingress rule, or the one that `rule` says; its id. */
  async rule(groupId: string, rule: RuleBody): Promise<string> {
    const body = { security_group_id: groupId, direction: 'ingress', ...rule };
    return (await this.#create<{ id: string }>('security_group_rule', body)).id;
  }

  async addressGroup(...addresses: readonly string[]): Promise<string> {
    return (await this.#create<{ id: string }>('address_group', { addresses })).id;
  }

  async remove(collection: string, id: string): Promise<void> {
    await this.#request('DELETE', `/v2.0/${collection}/${id}`, undefined, 204);
  }

  /** Removes all rules of the group in one direction. */
  async removeRules(groupId: string, direction: 'ingress' | 'egress'): Promise<void> {
    const query = `security_group_id=${groupId}&direction=${direction}&fields=id`;
    const { body } = await this.embedded.api('GET', `/v2.0/security-group-rules?${query}`, undefined, tenant);
    // A list of the Networking API.
    for (const { id } of body['security_group_rules'] as { id: string }[])
      await this.remove('security-group-rules', id);
  }

  async updatePort(portId: string, port: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#request('PUT', `/v2.0/ports/${portId}`, { port }, 200);
  }

  async put(path: string, body: unknown): Promise<void> {
    await this.#request('PUT', path, body, 200);
  }

  /** Waits until `holds` gives `wanted`: what was asked of the API takes a moment to reach the switch. */
  async comesToBe(what: string, holds: () => Promise<boolean>, wanted = true): Promise<void> {
    await this.embedded.until(what, async () => (await holds()) === wanted);
  }

  /** `neutronium flows ARGS`. */
  async flows(...args: readonly string[]): Promise<readonly FlowEntry[]> {
    const { stdout } = await this.embedded.neutronium(['flows', '--json', ...args]);
    // What --json prints.
    return JSON.parse(stdout) as readonly FlowEntry[];
  }

  /** Packets that flows and firewall rules have dropped so far, all together. */
  async dropped(): Promise<number> {
    const flows = await this.flows('--dropped');
    const byFlows = flows.reduce((sum, { counted }) => sum + (counted?.packets ?? 0), 0);
    const saved = await this.embedded.host.script('iptables-save -c; ip6tables-save -c');
    const rules = saved.matchAll(/^\[(?<packets>\d+):\d+\] -A .* -j (?:DROP|neutron-openvswi-sg-fallback)$/gm);
    return [...rules].reduce((sum, { groups }) => sum + Number(groups?.['packets']), byFlows);
  }

  async #create<T>(word: string, body: Readonly<Record<string, unknown>>): Promise<T> {
    return await this.embedded.create<T>(`/v2.0/${word.replaceAll('_', '-')}s`, { [word]: body }, tenant);
  }

  async #request(method: string, path: string, body: unknown, wanted: number): Promise<void> {
    const answer = await this.embedded.api(method, path, body, tenant);
    if (answer.status !== wanted) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}
