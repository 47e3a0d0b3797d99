// How an instance is known as ours without a file that could be lost: the alias of its namespace's loopback device says
// that we made it, and the alias of each other device which port that is.

export interface InstanceMark {
  /** The instance's id, which its ports have as device_id. */
  readonly uuid: string;
  /** In the order of their devices; fewer while the instance is being made. */
  readonly ports: readonly PortMark[];
}

export interface PortMark {
  readonly portId: string;
  /** The port was made with the instance, and goes with it. */
  readonly ownsPort: boolean;
}

const word = 'neutronium-vm';

/** The alias of the loopback device. Like each, at most 255 characters (IFALIASZ). */
export function renderMark(uuid: string): string {
  return `${word} uuid=${uuid}`;
}

/** The instance's id in an alias; null when it is not one of ours. */
export function parseMark(alias: string): string | null {
  return /^neutronium-vm uuid=([0-9a-f-]{36})$/.exec(alias)?.[1] ?? null;
}

/** The alias of the device of a port. */
export function renderPortMark({ portId, ownsPort }: PortMark): string {
  return `${word} port=${portId} owns-port=${ownsPort ? 'yes' : 'no'}`;
}

/** The port in an alias; null when it is not one of ours. */
export function parsePortMark(alias: string): PortMark | null {
  const [, portId, owns] = /^neutronium-vm port=([0-9a-f-]{36}) owns-port=(yes|no)$/.exec(alias) ?? [];
  return portId === undefined ? null : { portId, ownsPort: owns === 'yes' };
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
