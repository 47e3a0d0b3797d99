import { describe, expect, it } from 'vitest';
import { FakeExec } from './exec.fake.ts';
import { ipBatch } from './ip-batch.ts';

describe('ipBatch', () => {
  it('runs all lines in one process of the namespace', async () => {
    const exec = new FakeExec({ ip: () => ({}) });
    await ipBatch(exec, ['link set lo up', 'addr add 10.0.0.2/24 dev tap1'], { netns: 'qdhcp-1' });
    expect(exec.history).toEqual([
      { argv: ['ip', '-n', 'qdhcp-1', '-batch', '-'], stdin: 'link set lo up\naddr add 10.0.0.2/24 dev tap1' },
    ]);
  });

  it('names the line that failed', async () => {
    const exec = new FakeExec({
      ip: () => ({ exitCode: 1, stderr: 'RTNETLINK answers: File exists\nCommand failed -:2\n' }),
    });
    await expect(ipBatch(exec, ['link set lo up', 'link add x type veth'])).rejects.toThrow(
      /^ip link add x type veth: exit code 1: RTNETLINK answers: File exists/,
    );
  });

  it('starts nothing for no lines', async () => {
    const exec = new FakeExec();
    await ipBatch(exec, []);
    expect(exec.history).toEqual([]);
  });
});
