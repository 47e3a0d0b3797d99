# create
[ -e /run/netns/qdhcp-1 ] || ip netns add qdhcp-1
ip -n qdhcp-1 link set dev lo alias neutronium up

# sysctls
nsenter --net=/run/netns/qdhcp-1 sh -e <<'END'
echo '0' > /proc/sys/net/ipv6/conf/default/accept_ra
END

# addLink
ip link delete dev tap1 2>/dev/null || true
ip link add tap1 type veth peer name tap1 netns qdhcp-1 address fa:16:3e:00:00:01
nsenter --net=/run/netns/qdhcp-1 ethtool -K tap1 tx off >/dev/null
ip -n qdhcp-1 link set dev tap1 mtu 1450 up
ip link set dev tap1 mtu 1450 up

# sysctls
nsenter --net=/run/netns/qdhcp-1 sh -e <<'END'
echo '2' > /proc/sys/net/ipv6/conf/tap1/accept_ra
END

# configure
ip -n qdhcp-1 -batch - <<'END'
address replace 10.0.0.2/24 dev tap1 brd +
address replace fd00::2/64 dev tap1 nodad
address replace 192.0.2.7/32 dev tap1 brd +
route replace 192.0.2.0/24 dev tap1 proto static
route replace default via 10.0.0.1 onlink dev tap1 proto static
route replace default via 10.0.0.1 onlink table 257 dev tap1 proto static
neighbour replace proxy fd01::1 dev tap1
END

# announce
nsenter --net=/run/netns/qdhcp-1 sh -c 'arping -q -U -c 3 -I tap1 10.0.0.2 & arping -q -A -c 3 -I tap1 10.0.0.2' </dev/null >/dev/null 2>&1 &
nsenter --net=/run/netns/qdhcp-1 sh -c 'arping -q -U -c 3 -I tap1 192.0.2.7 & arping -q -A -c 3 -I tap1 192.0.2.7' </dev/null >/dev/null 2>&1 &
nsenter --net=/run/netns/qdhcp-1 sh -c 'echo 1 > /proc/sys/net/ipv6/conf/tap1/ndisc_notify'
ip -n qdhcp-1 link set dev tap1 address fa:16:3e:00:00:01
ip -n qdhcp-1 link set dev tap1 alias 'announced 82654770d620bc75'

# rules
ip -4 -n qdhcp-1 -force -batch - <<'END' 2>/dev/null || true
rule delete priority 101 fwmark 0x100/0xff00 lookup 257
END
ip -4 -n qdhcp-1 -batch - <<'END'
rule add priority 101 fwmark 0x100/0xff00 lookup 257
END
