#!/bin/sh
# What udhcpc (busybox: examples/udhcp/simple.script) runs when it has, renews or loses a lease: addresses, routes and
# name servers of the namespace that it runs in. NEUTRONIUM_RESOLV_CONF is the file that is laid over /etc/resolv.conf.
set -u

prefix_length() { # of a netmask such as 255.255.255.0
  length=0
  for byte in $(echo "$1" | tr . ' '); do
    while [ "$byte" -gt 0 ]; do length=$((length + byte % 2)); byte=$((byte / 2)); done
  done
  echo "$length"
}

add_classless_routes() { # RFC 3442: pairs of destination and gateway; they stand in for the routers of the lease
  while [ $# -ge 2 ]; do
    # shellcheck disable=SC2086  # two words, or none
    if [ "$2" = 0.0.0.0 ]; then ip route replace "$1" dev "$interface" $metric
    else ip route replace "$1" via "$2" dev "$interface" onlink $metric; fi
    shift 2
  done
}

# The first device of an instance leads everywhere, the others where it does not.
case "$interface" in
eth[1-9]*) metric="metric ${interface#eth}" ;;
*) metric= ;;
esac

case "$1" in
deconfig)
  ip -4 addr flush dev "$interface"
  ip link set "$interface" up
  ;;
bound | renew)
  ip addr replace "$ip/$(prefix_length "${subnet:-255.255.255.255}")" broadcast + dev "$interface"
  [ -z "${mtu:-}" ] || ip link set "$interface" mtu "$mtu"
  if [ -n "${staticroutes:-}" ]; then
    # shellcheck disable=SC2086  # a list of words
    add_classless_routes $staticroutes
  else
    # shellcheck disable=SC2086
    for gateway in ${router:-}; do ip route replace default via "$gateway" dev "$interface" onlink $metric; break; done
  fi
  (
    flock 9
    # What other clients have written, each below a line of its own.
    others=$(awk -v own="# $interface" '/^# / { keep = $0 != own } keep' "$NEUTRONIUM_RESOLV_CONF")
    own=$(
      echo "# $interface"
      [ -z "${domain:-}" ] || echo "search ${domain%.}"
      for server in ${dns:-}; do echo "nameserver $server"; done
    )
    if [ -z "$metric" ]; then printf '%s\n%s\n' "$own" "$others"
    else printf '%s\n%s\n' "$others" "$own"; fi >"$NEUTRONIUM_RESOLV_CONF"
  ) 9<"$NEUTRONIUM_RESOLV_CONF"
  ;;
esac
