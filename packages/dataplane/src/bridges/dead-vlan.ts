/** The VLAN of ports that may not speak. 802.1Q reserves the number, so no network ever has it. Neutron's number. */
export const deadVlan = 4095;
