import { asText, type Kind } from '../kind.ts';
import { readText } from './text.ts';

/** Text of at most `maxLength` characters that a request gives as such; an object may have none. */
function textOrNone(name: string, doc: string, maxLength: number): Kind<string, string | null> {
  return {
    name,
    doc,
    read: (value) => readText(value, maxLength),
    filter: asText,
    schema: { type: ['string', 'null'], maxLength },
    column: 'text',
    mayBeNull: true,
    examples: { valid: ['flat'], invalid: [null, 7, [], {}, 'x'.repeat(maxLength + 1)] },
  };
}

/** The word for a way to carry a network; whether it is known is for the type drivers to say. */
export const networkType = textOrNone('network type', '`local`, `flat`, `vlan`, `gre` or `vxlan`', 32);

/** The operator's label of a wire. */
export const physicalNetwork = textOrNone('physical network', "the operator's label of a wire", 64);
