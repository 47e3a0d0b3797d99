// The canary of the host's packet filter: the first rule of FORWARD, which the restart of another firewall takes away.
// Without it, what should be filtered is forwarded unfiltered.

import { readMark } from '@neutronium/dataplane/netfilter/rule';
import { CommandFailed, type Exec } from '#effects/exec';

const families = 2;
const firstRules = 'iptables -S FORWARD 1\nip6tables -S FORWARD 1\n';

/** Whether the rule is ours in both families. */
export async function hasOurFirstRules(exec: Exec): Promise<boolean> {
  try {
    const { stdout } = await exec.run(['sh', '-e'], { stdin: firstRules });
    return stdout.split('\n').filter((line) => readMark(line) !== null).length >= families;
  } catch (error) {
    // The agent ends, or iptables does not answer, which the next round says.
    if (error instanceof CommandFailed) return true;
    throw error;
  }
}
