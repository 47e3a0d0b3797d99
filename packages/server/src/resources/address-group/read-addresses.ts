import { HTTPBadRequest, InvalidInput } from '@neutronium/model/errors';
import { isKeyed } from '@neutronium/model/kinds/keyed';
import { pythonText } from '@neutronium/model/python-text';
import { parseCidrLenient, type Cidr } from '@neutronium/net/cidr';

/** The prefixes of `{"addresses": […]}`; a bare address is a prefix of that one address, and host bits are cleared. */
export function readAddresses(body: unknown): readonly Cidr[] {
  const addresses = isKeyed(body) ? body['addresses'] : undefined;
  if (!Array.isArray(addresses)) throw new HTTPBadRequest({ message: 'Request body contains invalid data' });
  return addresses.map((text: unknown) => {
    const parsed = parseCidrLenient(typeof text === 'string' ? text : '');
    if (!parsed.ok) throw new InvalidInput({ error_message: `'${pythonText(text)}' is not a valid IP subnet` });
    return parsed.value;
  });
}
