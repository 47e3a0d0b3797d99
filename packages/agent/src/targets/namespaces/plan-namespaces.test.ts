import type { LinkPlan, NamespacePlan } from '@neutronium/dataplane/host-plan';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespaceScript } from './namespace-script.ts';
import { planNamespaces } from './plan-namespaces.ts';
import { afterStep, plannedLink } from './state.ts';
import type { NamespaceState, NamespaceStates, NamespaceStep } from './state.ts';

const link = fc
  .record({
    number: fc.nat({ max: 2 }),
    mac: fc.constantFrom('fa:16:3e:00:00:01', 'fa:16:3e:00:00:02'),
    mtu: fc.constantFrom(1400, 1500),
    addresses: fc.uniqueArray(fc.constantFrom('10.0.0.2/24', '10.0.0.3/24', 'fd00::2/64')),
    gateway: fc.constantFrom(null, '10.0.0.1', 'fd00::1'),
  })
  .map(({ number, mac: address, mtu, addresses, gateway }): LinkPlan => ({
    device: `tap${number}`,
    hostDevice: `tap${number}`,
    mac: mac(address),
    mtu,
    addresses,
    routes: [
      { destination: cidr('192.0.2.0/24'), via: null },
      ...(gateway === null ? [] : [{ destination: 'default', via: ip(gateway) } as const]),
    ],
  }));
const sysctls = fc.constantFrom<NamespacePlan['sysctls']>({}, { a: '0' }, { a: '1', b: '1' });
const plan = fc.record<NamespacePlan>({
  name: fc.constantFrom('qdhcp-1', 'qdhcp-2', 'qdhcp-3'),
  links: fc.uniqueArray(link, { selector: ({ device }) => device }),
  sysctls,
});
const plans = fc.uniqueArray(plan, { selector: ({ name }) => name });

/** Any state that a host may be in: planned things, half of them damaged, and things of others. */
const states = fc
  .array(
    fc.record({
      plan,
      ours: fc.boolean(),
      lost: fc.constantFrom('nothing', 'peer', 'address', 'offload', 'link'),
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
            ...(lost === 'address' && { addresses: [] }),
            ...(lost === 'offload' && { checksumOffload: true }),
          },
        ] as const,
    );
  return { name: plan.name, ours, links: new Map(links), sysctls: new Map(Object.entries(plan.sysctls)) };
}

function carryOut(steps: readonly NamespaceStep[], from: NamespaceStates): NamespaceStates {
  return steps.reduce(afterStep, from);
}

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
  const desired: NamespacePlan = {
    name: 'qdhcp-1',
    links: [
      {
        device: 'tap1',
        hostDevice: 'tap1',
        mac: mac('fa:16:3e:00:00:01'),
        mtu: 1450,
        addresses: ['10.0.0.2/24', 'fd00::2/64'],
        routes: [
          { destination: cidr('192.0.2.0/24'), via: null },
          { destination: 'default', via: ip('10.0.0.1') },
        ],
      },
    ],
    sysctls: { 'net.ipv6.conf.default.accept_ra': '0' },
  };
  const steps = planNamespaces([desired], new Map());
  const scripts = steps.map((step) => `# ${step.kind}\n${namespaceScript(step)}`).join('\n');
  await expect(scripts).toMatchFileSnapshot('golden/make-namespace.sh');
});
