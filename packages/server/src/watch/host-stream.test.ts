import type { HostObject, NetworkView, ObjectKey } from '@neutronium/model/host-view';
import type { ViewMessage } from '@neutronium/model/watch-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostStream } from './host-stream.ts';

const network = (id: string, mtu: number): NetworkView => ({
  section: 'networks',
  id,
  project_id: 'p',
  mtu,
  admin_state_up: true,
  segments: [],
  dns_domain: '',
});
const key = (id: string): ObjectKey => ({ section: 'networks', id });

/** Objects that change, and a connection that remembers what it was given. */
class World {
  revision = 1;
  bufferedBytes = 0;
  readonly objects = new Map<string, NetworkView>();
  readonly sent: ViewMessage[] = [];
  readonly stream = new HostStream('h1', this, this);

  object(_: string, { id }: ObjectKey): HostObject | undefined {
    return this.objects.get(id);
  }

  objectsOf(): readonly HostObject[] {
    return [...this.objects.values()];
  }

  send(frame: string): void {
    this.sent.push(JSON.parse(frame) as ViewMessage);
  }

  put(id: string, mtu: number | null): void {
    this.revision += 1;
    if (mtu === null) this.objects.delete(id);
    else this.objects.set(id, network(id, mtu));
    this.stream.add([key(id)]);
  }

  /** What a host holds that has folded in everything sent. */
  mirror(): ReadonlyMap<string, HostObject> {
    const held = new Map<string, HostObject>();
    for (const message of this.sent) {
      if (message.kind === 'snapshot') held.clear();
      const { set, remove } = message.kind === 'snapshot' ? { set: message.objects, remove: [] } : message;
      for (const { id } of remove) held.delete(id);
      for (const object of set) held.set(object.id, object);
    }
    return held;
  }
}

describe('the stream to a host', () => {
  it('sends what changed, with the revision, once', () => {
    const world = new World();
    world.stream.sendSnapshot();
    world.put('a', 1);
    expect(world.stream.flush()).toBe('sent');
    expect(world.stream.flush()).toBe('nothing to send');
    world.put('a', null);
    world.stream.flush();
    expect(world.sent).toEqual([
      { kind: 'snapshot', revision: 1, objects: [] },
      { kind: 'change', revision: 2, set: [network('a', 1)], remove: [] },
      { kind: 'change', revision: 3, set: [], remove: [key('a')] },
    ]);
  });

  it('gathers the changes of a host that does not acknowledge, and gives it each object once', () => {
    const world = new World();
    world.stream.sendSnapshot();
    const outcomes = Array.from({ length: 200 }, (_, count) => {
      world.put('a', count);
      world.put('b', count);
      return world.stream.flush();
    });
    expect(outcomes.at(-1)).toBe('behind');
    const before = world.sent.length;
    expect(before).toBeLessThan(50);
    world.stream.acknowledge(world.revision);
    expect(world.stream.flush()).toBe('sent');
    expect(world.sent.slice(before)).toEqual([
      { kind: 'change', revision: world.revision, set: [network('a', 199), network('b', 199)], remove: [] },
    ]);
  });

  it('gives nothing more to a connection that is full', () => {
    const world = new World();
    world.stream.sendSnapshot();
    world.bufferedBytes = 100 * 1024 * 1024;
    world.put('a', 1);
    expect(world.stream.flush(true)).toBe('behind');
    world.bufferedBytes = 0;
    expect(world.stream.flush()).toBe('sent');
  });

  it('tells a host that nothing concerns how far the world has come, from time to time', () => {
    const world = new World();
    world.stream.sendSnapshot();
    world.revision += 5000;
    expect(world.stream.flush()).toBe('sent');
    expect(world.sent.at(-1)).toEqual({ kind: 'change', revision: 5001, set: [], remove: [] });
  });

  it('leaves a host with what there is, however it was sent', () => {
    const step = fc.oneof(
      fc.record({ id: fc.constantFrom('a', 'b', 'c'), mtu: fc.option(fc.nat(9)) }),
      fc.constantFrom('flush' as const, 'snapshot' as const, 'acknowledge' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        world.stream.sendSnapshot();
        for (const step of steps) {
          if (step === 'flush') world.stream.flush();
          else if (step === 'snapshot') world.stream.sendSnapshot();
          else if (step === 'acknowledge') world.stream.acknowledge(world.revision);
          else world.put(step.id, step.mtu);
        }
        world.stream.flush(true);
        expect(Object.fromEntries(world.mirror())).toEqual(Object.fromEntries(world.objects));
      }),
    );
  });
});
