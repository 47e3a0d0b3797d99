// Who has an answer of whom, tried all at the same time, and compared with what the model says.

import type { LabHost } from '@neutronium/cli/lab/host';
import { outsideAddress } from '../distributed-lab.ts';
import { isReached, targetsOf, type Caller, type Target } from './model.ts';
import type { RoutingWorld } from './world.ts';

/** What is not as the model says, one line for each pair; none where all is. */
export async function differencesFromModel(world: RoutingWorld): Promise<readonly string[]> {
  const targets = targetsOf(world, outsideAddress);
  const callers: readonly Caller[] = [...world.machines, 'outside'];
  const compared = callers.map(async (caller): Promise<readonly string[]> => {
    const expected = targets.flatMap((target) => {
      const reached = isReached(world, caller, target);
      return reached === null ? [] : [{ target, reached }];
    });
    const place =
      caller === 'outside' ? { host: world.lab.outside } : { host: world.hostOf(caller), netns: caller.name };
    const answered = await answersTo(
      place,
      expected.map(({ target }) => target.address),
    );
    const who = caller === 'outside' ? 'the world outside' : `${caller.name} on ${caller.host}`;
    return expected.flatMap(({ target, reached }) =>
      answered.has(target.address) === reached
        ? []
        : [`${who} ${reached ? 'has no answer' : 'has an answer'} of ${nameOf(target)}`],
    );
  });
  return (await Promise.all(compared)).flat();
}

/**
 * Those of the addresses that answer one of two echo requests within a second: the first may be lost to questions for
 * hardware addresses that nobody has asked for long.
 */
async function answersTo(
  { host, netns }: { readonly host: LabHost; readonly netns?: string },
  addresses: readonly string[],
): Promise<ReadonlySet<string>> {
  if (addresses.length === 0) return new Set();
  const script = `
    for address in ${addresses.join(' ')}; do
      { ping -q -c 2 -i 0.2 -W 1 $address >/dev/null 2>&1 && echo $address; } &
    done
    wait`;
  const output = await host.script(script, { ...(netns !== undefined && { netns }) });
  return new Set(output.split('\n').filter((line) => line !== ''));
}

function nameOf(target: Target): string {
  return target.by === 'outside'
    ? `the world outside (${target.address})`
    : `${target.of.name} on ${target.of.host} by its ${target.by} address ${target.address}`;
}
