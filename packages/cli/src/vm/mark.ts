// How an instance is known as ours without a file that could be lost: the alias of its namespace's loopback device says
// that we made it, and which port it has.

export interface InstanceMark {
  /** The instance's id, which its port has as device_id. */
  readonly uuid: string;
  readonly portId: string;
  /** The port was made with the instance, and goes with it. */
  readonly ownsPort: boolean;
}

const word = 'neutronium-vm';

/** At most 255 characters (IFALIASZ). */
export function renderMark({ uuid, portId, ownsPort }: InstanceMark): string {
  return `${word} uuid=${uuid} port=${portId} owns-port=${ownsPort ? 'yes' : 'no'}`;
}

/** The mark in an alias; null when it is not one of ours. */
export function parseMark(alias: string): InstanceMark | null {
  const match = /^neutronium-vm uuid=([0-9a-f-]{36}) port=([0-9a-f-]{36}) owns-port=(yes|no)$/.exec(alias);
  const [, uuid, portId, owns] = match ?? [];
  return uuid === undefined || portId === undefined ? null : { uuid, portId, ownsPort: owns === 'yes' };
}

/** The namespace of an instance. Throws when the name is not one. */
export function namespaceOf(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(name)) {
    throw new Error(`'${name}' cannot name an instance: letters, digits, dots, dashes and underscores can`);
  }
  return `vm-${name}`;
}

/** The device of a port, named as Nova names it: a prefix and the beginning of the port's id. */
export function tapName(portId: string): string {
  return `tap${portId}`.slice(0, 14);
}

/** The devices between a port's own and the integration bridge, named as os-vif names them. */
export function hybridNames(portId: string): Readonly<Record<'bridge' | 'bridgeEnd' | 'switchEnd', string>> {
  const end = portId.slice(0, 11);
  return { bridge: `qbr${end}`, bridgeEnd: `qvb${end}`, switchEnd: `qvo${end}` };
}
