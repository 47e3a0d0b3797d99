import type { NamespacePlan } from '@neutronium/dataplane/host-plan';
import { describe, expect, it } from 'vitest';
import { FakeExec } from '#effects/exec.fake';
import { Namespaces } from './namespaces.ts';

const plan: NamespacePlan = { name: 'qdhcp-1', links: [], sysctls: {} };
const { signal } = new AbortController();

/** A kernel that knows of namespaces by name alone, and shows them only when `look` allows. */
class Kernel {
  readonly names = new Set<string>();
  looks = 0;
  look: Promise<void> = Promise.resolve();
  readonly exec = new FakeExec({
    sh: async ({ stdin }) => {
      const made = /ip netns add (\S+)/.exec(stdin)?.[1];
      const removed = /ip netns delete (\S+)/.exec(stdin)?.[1];
      if (made !== undefined) this.names.add(made);
      if (removed !== undefined) this.names.delete(removed);
      if (made !== undefined || removed !== undefined) return {};
      this.looks += 1;
      const loopback = JSON.stringify([{ ifname: 'lo', ifalias: 'neutronium' }]);
      const seen = [...this.names].map((name) => `@namespace ${name}\n${loopback}\n`);
      await this.look;
      return { stdout: `${seen.join('')}@end\n` };
    },
  });
}

async function bring(target: Namespaces, desired: readonly NamespacePlan[]): Promise<void> {
  for (const step of target.plan(desired, await target.observe(signal, 'recall'))) await target.apply(step, signal);
}

describe('the namespaces that are known', () => {
  it('are looked at once, and then remembered', async () => {
    const kernel = new Kernel();
    const target = new Namespaces({ exec: kernel.exec });
    await bring(target, [plan]);
    await bring(target, []);
    await bring(target, [plan]);
    expect([...kernel.names]).toEqual(['qdhcp-1']);
    expect(kernel.looks).toBe(1);
  });

  it('are what a refresh sees', async () => {
    const kernel = new Kernel();
    const target = new Namespaces({ exec: kernel.exec });
    await bring(target, [plan]);
    kernel.names.delete('qdhcp-1');
    await target.refresh(signal);
    await bring(target, [plan]);
    expect([...kernel.names]).toEqual(['qdhcp-1']);
  });

  it('are right after a refresh that saw less than was done while it looked', async () => {
    const kernel = new Kernel();
    const target = new Namespaces({ exec: kernel.exec });
    await bring(target, []);
    const gate = Promise.withResolvers<void>();
    kernel.look = gate.promise;
    const refresh = target.refresh(signal);
    await bring(target, [plan]);
    gate.resolve();
    await refresh;
    expect(target.plan([plan], await target.observe(signal, 'recall'))).toEqual([]);
    expect(target.plan([], await target.observe(signal, 'recall'))).toEqual([{ kind: 'remove', namespace: 'qdhcp-1' }]);
  });

  it('are looked at anew after a step that failed', async () => {
    const kernel = new Kernel();
    let failing = false;
    const exec = new FakeExec({
      sh: async (command) => {
        if (failing && command.stdin.includes('ip netns')) return { exitCode: 1, stderr: 'no' };
        return await kernel.exec.run(command.argv, { stdin: command.stdin });
      },
    });
    const target = new Namespaces({ exec });
    await bring(target, []);
    failing = true;
    await expect(bring(target, [plan])).rejects.toThrow('no');
    failing = false;
    await bring(target, [plan]);
    expect(kernel.looks).toBe(2);
  });

  it('cannot be had from a list that was cut short', async () => {
    const target = new Namespaces({ exec: new FakeExec({ sh: () => ({ stdout: '@namespace qdhcp-1\n' }) }) });
    await expect(target.observe(signal, 'recall')).rejects.toThrow('cut short');
  });
});
