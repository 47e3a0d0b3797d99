#!/bin/sh
# What dhclient -6 (dhclient-script(8)) runs: the address and the name servers of the namespace that it runs in.
set -u

case "$reason" in
PREINIT6) ip link set "$interface" up ;;
BOUND6 | RENEW6 | REBIND6)
  [ -z "${new_ip6_address:-}" ] ||
    ip -6 addr replace "$new_ip6_address/${new_ip6_prefixlen:-128}" dev "$interface" nodad \
      valid_lft "${new_max_life:-forever}" preferred_lft "${new_preferred_life:-forever}"
  (
    flock 9
    for server in ${new_dhcp6_name_servers:-}; do
      grep -qsx "nameserver $server" "$NEUTRONIUM_RESOLV_CONF" ||
        printf '# %s over IPv6\nnameserver %s\n' "$interface" "$server" >>"$NEUTRONIUM_RESOLV_CONF"
    done
  ) 9<"$NEUTRONIUM_RESOLV_CONF"
  ;;
EXPIRE6 | RELEASE6 | STOP6)
  [ -z "${old_ip6_address:-}" ] || ip -6 addr del "$old_ip6_address/${old_ip6_prefixlen:-128}" dev "$interface"
  ;;
esac
exit 0
