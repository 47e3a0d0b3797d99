import type { TranslationPlan } from '@neutronium/dataplane/host-plan';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeExec } from '#effects/exec.fake';
import { converge } from '../converge.fake.ts';
import { Translations } from './translations.ts';

const plans: fc.Arbitrary<readonly TranslationPlan[]> = fc.uniqueArray(
  fc.record({
    namespace: fc.constantFrom('qrouter-1', 'qrouter-2'),
    floatingIps: fc.subarray([
      { floating: ip('172.24.4.21'), fixed: ip('10.0.0.18') },
      { floating: ip('172.24.4.21'), fixed: ip('10.0.0.20') },
    ]),
    forwardings: fc.constant([]),
    gateways: fc.subarray([{ address: ip('172.24.4.19'), translates: true }]),
    inside: fc.subarray([cidr('10.0.0.0/24'), cidr('10.1.0.0/24')]),
  }),
  { selector: ({ namespace }) => namespace },
);

/** Connection tracking of some namespaces: it lists what was put there, and ends what it is told to. */
class Kernel {
  readonly connections = new Map<string, string[]>();
  looks = 0;
  stubborn = false;
  readonly exec = new FakeExec({ sh: ({ stdin }) => this.#run(stdin) });

  #run(script: string): { readonly stdout?: string } {
    const namespaces = [...script.matchAll(/--net=\/run\/netns\/(\S+)/g)].map(([, name = '']) => name);
    if (script.includes('conntrack -L')) {
      this.looks += 1;
      const parts = namespaces.map((name) => [`@${name}`, ...(this.connections.get(name) ?? [])].join('\n'));
      return { stdout: `${parts.join('\n')}\n` };
    }
    const ended = [...script.matchAll(/ --orig-dst (\S+)/g)].map(([, address = '']) => address);
    for (const name of this.stubborn ? [] : namespaces) {
      const left = (this.connections.get(name) ?? []).filter(
        (line) => !ended.some((address) => line.includes(`dst=${address} `)),
      );
      this.connections.set(name, left);
    }
    return {};
  }
}

const arriving =
  'tcp      6 431999 ESTABLISHED src=192.0.2.1 dst=172.24.4.21 sport=5 dport=22 src=10.0.0.18 dst=192.0.2.1 sport=22 dport=5 [ASSURED] mark=0 use=1';
const routed: TranslationPlan = {
  namespace: 'qrouter-1',
  floatingIps: [{ floating: ip('172.24.4.21'), fixed: ip('10.0.0.18') }],
  forwardings: [],
  gateways: [{ address: ip('172.24.4.19'), translates: true }],
  inside: [cidr('10.0.0.0/24')],
};

describe('the target of translations', () => {
  it('has nothing to do for what it has done, from any state to any other, wherever it was interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(plans, plans, fc.nat(3), async (before, desired, stopAfter) => {
        const target = new Translations({ exec: new Kernel().exec });
        await converge(target, before, { stopAfter });
        await converge(target, desired);
        expect(await converge(target, desired)).toEqual([]);
      }),
    );
  });

  it('ends the connections of a floating IP that is gone, and looks at none where something was only added', async () => {
    const kernel = new Kernel();
    kernel.connections.set('qrouter-1', [arriving]);
    const target = new Translations({ exec: kernel.exec });
    await converge(target, [routed]);
    expect(kernel.connections.get('qrouter-1')).toEqual([arriving]);
    const { looks } = kernel;
    const another = { floating: ip('172.24.4.22'), fixed: ip('10.0.0.22') };
    await converge(target, [{ ...routed, floatingIps: [...routed.floatingIps, another] }]);
    expect(kernel.looks).toBe(looks);
    await converge(target, [{ ...routed, floatingIps: [another] }]);
    expect(kernel.connections.get('qrouter-1')).toEqual([]);
  });

  it('judges, as a fresh agent, what an earlier one has left', async () => {
    const kernel = new Kernel();
    kernel.connections.set('qrouter-1', [arriving]);
    await converge(new Translations({ exec: kernel.exec }), [{ ...routed, floatingIps: [] }]);
    expect(kernel.connections.get('qrouter-1')).toEqual([]);
  });

  it('says so where a connection cannot be ended, and tries again', async () => {
    const kernel = new Kernel();
    kernel.connections.set('qrouter-1', [arriving]);
    kernel.stubborn = true;
    const target = new Translations({ exec: kernel.exec });
    await expect(converge(target, [{ ...routed, floatingIps: [] }])).rejects.toThrow('cannot be ended');
    kernel.stubborn = false;
    await converge(target, [{ ...routed, floatingIps: [] }]);
    expect(kernel.connections.get('qrouter-1')).toEqual([]);
  });
});
