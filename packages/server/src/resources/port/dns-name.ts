// What `dns_name` of a port may be, given the domain that the server is configured with.

import { HTTPBadRequest } from '@neutronium/model/errors';
import { qualifiedDomain } from './dns-assignment.ts';

/** Most characters of a fully qualified name (RFC 1035 section 2.3.4). */
const longestName = 255;

/** Throws when the name does not fit under the domain: relative names must leave room, qualified ones must end in it. */
export function checkDnsName(name: string, dnsDomain: string): void {
  const domain = qualifiedDomain(dnsDomain);
  if (name === '' || domain === '') return;
  const higherLabels = `.${domain}`;
  if (!name.endsWith('.')) {
    if (name.length + higherLabels.length <= longestName) return;
    throw refused(
      `The dns_name passed is a PQDN and its size is '${name.length}'. The dns_domain option in neutron.conf is set to ` +
        `${domain}, with a length of '${higherLabels.length}'. When the two are concatenated to form a FQDN (with a ` +
        `'.' at the end), the resulting length exceeds the maximum size of '${longestName}'`,
    );
  }
  if (name.length > higherLabels.length && name.endsWith(higherLabels)) return;
  throw refused(
    'The dns_name passed is a FQDN. Its higher level labels must be equal to the dns_domain option in neutron.conf, ' +
      `that has been set to '${domain}'. It must also include one or more valid DNS labels to the left of '${domain}'`,
  );
}

function refused(reason: string): Error {
  return new HTTPBadRequest({ message: `Invalid input for dns_name. Reason: ${reason}.` });
}
