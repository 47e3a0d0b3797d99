import type { LinkPlan, NamespacePlan, RoutingRulePlan } from '@neutronium/dataplane/host-plan';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespaceScript } from './namespace-script.ts';
import { planNamespaces } from './plan-namespaces.ts';
import { afterStep, plannedLink, routeText, ruleText } from './state.ts';
import type { NamespaceState, NamespaceStates, NamespaceStep } from './state.ts';

const link = fc
  .record({
    number: fc.nat({ max: 2 }),
    mac: fc.constantFrom('fa:16:3e:00:00:01', 'fa:16:3e:00:00:02'),
    mtu: fc.constantFrom(1400, 1500),
    addresses: fc.uniqueArray(
      fc.constantFrom('10.0.0.2/24', '10.0.0.3/24', '192.0.2.7/32', '192.0.2.8/32', 'fd00::2/64'),
    ),
    gateway: fc.constantFrom(null, '10.0.0.1', 'fd00::1'),
    table: fc.constantFrom(null, 257),
    acceptRa: fc.constantFrom(null, '0', '2'),
    announce: fc.boolean(),
    neighborProxies: fc.uniqueArray(fc.constantFrom('fd01::1', 'fd01::2', '198.51.100.7')),
    neighbors: fc.uniqueArray(fc.constantFrom('10.0.0.7', '10.0.0.8', 'fd00::7')),
  })
  .map(
    ({
      number,
      mac: address,
      mtu,
      addresses,
      gateway,
      table,
      acceptRa,
      announce,
      neighborProxies,
      neighbors,
    }): LinkPlan => ({
      device: `tap${number}`,
      hostDevice: `tap${number}`,
      mac: mac(address),
      mtu,
      addresses,
      routes: [
        { destination: cidr('192.0.2.0/24'), via: null },
        ...(gateway === null ? [] : [{ destination: 'default', via: ip(gateway) } as const]),
        ...(gateway === null || table === null ? [] : [{ destination: 'default', via: ip(gateway), table } as const]),
      ],
      sysctls: acceptRa === null ? {} : { [`net.ipv6.conf.tap${number}.accept_ra`]: acceptRa },
      announce,
      neighborProxies: neighborProxies.map(ip),
      neighbors: neighbors.map((each) => ({ ip: ip(each), mac: mac('fa:16:3e:00:00:07') })),
    }),
  );

/** An end of the pair between two namespaces. */
function jointEnd(namespace: string, device: string): LinkPlan {
  return {
    device: `to-${namespace}`,
    hostDevice: null,
    joint: { namespace, device },
    mac: mac('02:00:00:00:00:01'),
    mtu: 1500,
    addresses: ['169.254.64.0/31'],
    routes: [{ destination: cidr('198.51.100.7/32'), via: ip('169.254.64.1'), table: Number(namespace.at(-1)) + 16 }],
    sysctls: {},
    announce: false,
    neighborProxies: [],
  };
}

/** The plans, with pairs between some of them. */
function joined(
  plans: readonly NamespacePlan[],
  pairs: readonly (readonly [string, string])[],
): readonly NamespacePlan[] {
  const names = new Set(plans.map(({ name }) => name));
  const ends = pairs
    .filter((pair) => pair.every((name) => names.has(name)))
    .flatMap(([one, other]) => [
      { namespace: one, link: jointEnd(other, `to-${one}`) },
      { namespace: other, link: jointEnd(one, `to-${other}`) },
    ]);
  return plans.map((each) => ({
    ...each,
    links: [...each.links, ...ends.filter(({ namespace }) => namespace === each.name).map(({ link: end }) => end)],
  }));
}

/** Each route by the first device that has one to its destination. */
function withoutRivals(links: readonly LinkPlan[]): readonly LinkPlan[] {
  const taken = new Set<string>();
  return links.map((each) => ({
    ...each,
    routes: each.routes.filter(({ destination, table = 'main' }) => {
      const name = `${destination} ${table}`;
      return !taken.has(name) && taken.add(name);
    }),
  }));
}

const sysctls = fc.constantFrom<NamespacePlan['sysctls']>(
  {},
  { 'net.ipv4.conf.all.forwarding': '0' },
  { 'net.ipv4.conf.all.forwarding': '1', 'net.ipv6.conf.all.forwarding': '1' },
);
const rules = fc.subarray<RoutingRulePlan>([
  { family: 4, priority: 100, table: 'main', suppressPrefixLength: 0 },
  { family: 6, priority: 100, table: 'main', suppressPrefixLength: 0 },
  { family: 4, priority: 101, fwmark: '0x100/0xff00', table: 257 },
  { family: 4, priority: 102, from: ip('10.0.0.2'), table: 257 },
]);
const plan = fc.record<NamespacePlan>({
  name: fc.constantFrom('qdhcp-1', 'qdhcp-2', 'qdhcp-3'),
  links: fc.uniqueArray(link, { selector: ({ device }) => device }).map(withoutRivals),
  sysctls,
  rules,
});
const pairs = fc.subarray([
  ['qdhcp-1', 'qdhcp-2'],
  ['qdhcp-2', 'qdhcp-3'],
  ['qdhcp-1', 'qdhcp-3'],
] as const);
const plans = fc
  .tuple(fc.uniqueArray(plan, { selector: ({ name }) => name }), pairs)
  .map(([each, of]) => joined(each, of));

/** Any state that a host may be in: planned things, half of them damaged, and things of others. */
const states = fc
  .array(
    fc.record({
      plan,
      ours: fc.boolean(),
      lost: fc.constantFrom(
        ...(['nothing', 'peer', 'address', 'route', 'offload', 'link', 'mark', 'proxy', 'neighbor', 'rule'] as const),
      ),
    }),
    { maxLength: 3 },
  )
  .map((damaged): NamespaceStates => new Map(damaged.map((each) => [each.plan.name, damagedState(each)])));

function damagedState({ plan, ours, lost }: { plan: NamespacePlan; ours: boolean; lost: string }): NamespaceState {
  const links = plan.links
    .filter(() => lost !== 'link')
    .map(
      (link) =>
        [
          link.device,
          {
            ...plannedLink(link),
            ...(lost === 'peer' && { hostDevice: null }),
            ...(lost === 'address' && { addresses: [], announced: [] }),
            ...(lost === 'neighbor' && { neighbors: [] }),
            ...(lost === 'route' && { routes: [] }),
            ...(lost === 'proxy' && { neighborProxies: [] }),
            ...(lost === 'mark' && { announced: [], mark: '' }),
            ...(lost === 'offload' && { checksumOffload: true }),
          },
        ] as const,
    );
  return {
    name: plan.name,
    ours,
    links: new Map(links),
    sysctls: new Map(Object.entries(plan.sysctls)),
    rules: lost === 'rule' ? [] : (plan.rules?.map(ruleText).toSorted() ?? []),
  };
}

/** Carries steps out on a kernel that refuses what the real one does. */
function carryOut(steps: readonly NamespaceStep[], from: NamespaceStates): NamespaceStates {
  return steps.reduce((states, step) => {
    const reason = refusal(step, states);
    if (reason !== null) throw new Error(`${step.kind} in ${step.namespace}: ${reason}`);
    return afterStep(states, step);
  }, from);
}

function refusal(step: NamespaceStep, states: NamespaceStates): string | null {
  const state = states.get(step.namespace);
  if (step.kind === 'create') return state === undefined ? null : 'there is a namespace of that name';
  if (state === undefined) return 'there is no such namespace';
  const device = 'link' in step ? step.link.device : '';
  const link = state.links.get(device);
  switch (step.kind) {
    case 'adopt':
    case 'remove':
      return null;
    case 'sysctls': {
      const ofDevices = Object.keys(step.values).flatMap((key) => /\.conf\.(tap\d)\./.exec(key)?.[1] ?? []);
      return ofDevices.every((name) => state.links.has(name)) ? null : 'the device has not been made';
    }
    case 'rules':
      if (!step.remove.every((rule) => state.rules.includes(rule))) return 'there is no such rule';
      return step.add.some((rule) => state.rules.includes(rule)) ? 'there is such a rule' : null;
    case 'removeLink':
      return state.links.has(step.device) ? null : 'there is no such device';
    case 'join':
      return states.has(step.other.namespace) ? null : 'there is no such other namespace';
    case 'addLink':
      return link === undefined ? null : 'there is a device of that name';
    case 'setLink':
      return link === undefined ? 'there is no such device' : null;
    case 'withdraw':
      if (!step.routes.every((route) => link?.routes.includes(route) === true)) return 'there is no such route';
      if (!step.neighborProxies.every((proxy) => link?.neighborProxies.includes(proxy) === true))
        return 'no such proxy';
      if (!step.neighbors.every((text) => link?.neighbors.includes(text) === true)) return 'no such neighbour';
      return step.addresses.every((address) => link?.addresses.includes(address) === true) ? null : 'no such address';
    case 'configure':
      if (link === undefined) return 'there is no such device';
      // Not refused, but the other device would lose its route.
      return step.routes.some((route) =>
        [...state.links].some(([name, other]) => name !== device && other.routes.includes(routeText(route))),
      )
        ? 'another device has the route'
        : null;
    case 'announce': {
      const own = [...(link?.addresses ?? []), ...(link?.neighborProxies ?? [])];
      return step.addresses.every((address) => own.includes(address)) ? null : 'no such address';
    }
  }
}

const exampleLink: LinkPlan = {
  device: 'tap1',
  hostDevice: 'tap1',
  mac: mac('fa:16:3e:00:00:01'),
  mtu: 1450,
  addresses: ['10.0.0.2/24', 'fd00::2/64', '192.0.2.7/32'],
  routes: [
    { destination: cidr('192.0.2.0/24'), via: null },
    { destination: 'default', via: ip('10.0.0.1') },
    { destination: 'default', via: ip('10.0.0.1'), table: 257 },
  ],
  sysctls: { 'net.ipv6.conf.tap1.accept_ra': '2' },
  announce: true,
  neighborProxies: [ip('fd01::1')],
};
const example: NamespacePlan = {
  name: 'qdhcp-1',
  links: [exampleLink],
  sysctls: { 'net.ipv6.conf.default.accept_ra': '0' },
  rules: [{ family: 4, priority: 101, fwmark: '0x100/0xff00', table: 257 }],
};

describe('the plan of namespaces', () => {
  it('leads from any state to any other, after which nothing is left to do', () => {
    fc.assert(
      fc.property(states, plans, (actual, desired) => {
        const after = carryOut(planNamespaces(desired, actual), actual);
        expect(planNamespaces(desired, after)).toEqual([]);
        expect(
          [...after.values()]
            .filter(({ ours }) => ours)
            .map(({ name }) => name)
            .toSorted(),
        ).toEqual(desired.map(({ name }) => name).toSorted());
      }),
    );
  });

  it('may be interrupted at any step and made anew for another aim', () => {
    fc.assert(
      fc.property(states, plans, plans, fc.nat({ max: 10 }), (actual, first, second, count) => {
        const interrupted = carryOut(planNamespaces(first, actual).slice(0, count), actual);
        const after = carryOut(planNamespaces(second, interrupted), interrupted);
        expect(planNamespaces(second, after)).toEqual([]);
      }),
    );
  });

  it('leaves namespaces that are neither ours nor planned as they are', () => {
    fc.assert(
      fc.property(states, plans, (actual, desired) => {
        const after = carryOut(planNamespaces(desired, actual), actual);
        for (const state of actual.values()) {
          if (!state.ours && !desired.some(({ name }) => name === state.name))
            expect(after.get(state.name)).toBe(state);
        }
      }),
    );
  });

  it('tells neighbours of each address once', () => {
    fc.assert(
      fc.property(states, plans, plans, (actual, first, second) => {
        const between = carryOut(planNamespaces(first, actual), actual);
        const again = planNamespaces(second, between).filter((step) => step.kind === 'announce');
        for (const { namespace, link: planned, addresses } of again) {
          const before = between.get(namespace)?.links.get(planned.device);
          if (before?.mac !== planned.mac || before.hostDevice !== planned.hostDevice) continue;
          const known = before.announced.filter((address) => addresses.includes(address));
          expect(known).toEqual([]);
        }
      }),
    );
  });

  it('changes one address of many by one address', () => {
    const addresses = Array.from({ length: 100 }, (_, n) => `192.0.2.${n}/32`);
    const own = { ...exampleLink, addresses: ['10.0.0.2/24', ...addresses], announce: true };
    const one = { ...example, links: [own] };
    const fewer = { ...example, links: [{ ...own, addresses: own.addresses.slice(0, -1) }] };
    const [with101, with100] = [
      carryOut(planNamespaces([one], new Map()), new Map()),
      planNamespaces([fewer], new Map()),
    ];
    expect(planNamespaces([fewer], with101)).toMatchObject([
      { kind: 'withdraw', addresses: ['192.0.2.99/32'], routes: [] },
      { kind: 'announce', addresses: [] },
    ]);
    expect(planNamespaces([one], carryOut(with100, new Map()))).toMatchObject([
      { kind: 'configure', addresses: ['192.0.2.99/32'], routes: [] },
      { kind: 'announce', addresses: ['192.0.2.99/32'] },
    ]);
  });

  it('leaves a device that others set up what they have given it', () => {
    const own: LinkPlan = { ...exampleLink, addresses: ['169.254.192.5/18'], routes: [], announce: false };
    const shared = { ...example, links: [{ ...own, isShared: true } as const] };
    const given = { ...own, addresses: ['10.0.0.1/24', ...own.addresses], routes: exampleLink.routes };
    const actual = carryOut(planNamespaces([{ ...example, links: [given] }], new Map()), new Map());
    expect(planNamespaces([shared], actual)).toEqual([]);
    const bare = carryOut(planNamespaces([{ ...example, links: [{ ...own, addresses: [] }] }], new Map()), new Map());
    expect(planNamespaces([shared], bare)).toMatchObject([{ kind: 'configure', addresses: own.addresses }]);
  });

  it('does not depend on the order of addresses and routes', () => {
    fc.assert(
      fc.property(plan, (desired) => {
        const actual = carryOut(planNamespaces([desired], new Map()), new Map());
        const turned = desired.links.map((link) => ({
          ...link,
          addresses: link.addresses.toReversed(),
          routes: link.routes.toReversed(),
        }));
        expect(planNamespaces([{ ...desired, links: turned }], actual)).toEqual([]);
      }),
    );
  });
});

it('makes a namespace with these commands', async () => {
  const steps = planNamespaces([example], new Map());
  await expect(scripts(steps)).toMatchFileSnapshot('golden/make-namespace.sh');
});

it('changes a namespace with these commands', async () => {
  const changed = {
    ...exampleLink,
    addresses: ['10.0.0.2/24', 'fd00::2/64', '192.0.2.8/32'],
    routes: [{ destination: 'default', via: ip('10.0.0.254') } as const],
    neighborProxies: [ip('fd01::2')],
  };
  const actual = carryOut(planNamespaces([example], new Map()), new Map());
  const rules: readonly RoutingRulePlan[] = [{ family: 6, priority: 100, table: 'main', suppressPrefixLength: 0 }];
  const steps = planNamespaces([{ ...example, links: [changed], rules }], actual);
  await expect(scripts(steps)).toMatchFileSnapshot('golden/change-namespace.sh');
});

function scripts(steps: readonly NamespaceStep[]): string {
  return steps.map((step) => `# ${step.kind}\n${namespaceScript(step)}`).join('\n');
}
